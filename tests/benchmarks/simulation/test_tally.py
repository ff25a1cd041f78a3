"""What a simulated cluster counts."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from benchmarks.simulation.load import LETTER, Coming
from benchmarks.simulation.tally import SPELL_S, Tally
from tests.actors.job.machine_driver import make_record


def test_the_busiest_second_may_be_one_without_any_record() -> None:
    tally = Tally()
    assert tally.most_writes_a_second() == 0
    tally.wrote(0.5, record=True)
    for moment in (1.0, 1.2, 1.9, 2.0):
        tally.wrote(moment, record=False)
    assert tally.most_writes_a_second() == 3
    assert (tally.record_writes, tally.writes) == (1, 5)


def served(tally: Tally, job: str, pages: int, now: float) -> None:
    """So many pages of the job are read in one step."""
    before = make_record()
    tally.moved(Coming(0.0, job, LETTER, pages), before, replace(before, pages_completed=pages), now)


@pytest.mark.parametrize(("pages", "even"), [((2, 2), 1.0), ((3, 1), 0.8), ((4, 0), 0.5)])
def test_fairness_is_how_evenly_jobs_that_wait_are_served(pages: tuple[int, int], even: float) -> None:
    tally = Tally()
    for spell in (0, 1):
        tally.waiting(spell * SPELL_S, {"a", "b"})
    served(tally, "a", pages[0], 1)
    served(tally, "b", pages[1], 2)
    served(tally, "c", 50, 3)
    assert tally.fairness() == pytest.approx(even)


def test_there_is_no_fairness_where_no_two_wait_all_through_a_minute() -> None:
    tally = Tally()
    tally.waiting(0, {"a", "b"})
    tally.waiting(SPELL_S, {"b", "c"})
    served(tally, "b", 5, 1)
    assert math.isnan(tally.fairness())
