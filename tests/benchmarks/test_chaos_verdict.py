"""Pauses after kills, by when pages were finished."""

from __future__ import annotations

import pytest

from benchmarks.chaos_verdict import PAUSE_WITHIN_S, Verdict

FINISHED = [1.0, 2.0, 3.0, 8.0, 9.0]


@pytest.mark.parametrize(
    ("kills", "pauses"),
    [
        ([2.5], [5.0]),  # the stretch from 3 to 8, whole
        ([3.5], [4.5]),  # what lies before the kill is not its doing
        ([3.5, 8.5], [4.5, 0.5]),
        ([0.5], [5.0]),
        ([20.0], [0.0]),  # nothing was finished any more
    ],
)
def test_the_longest_stretch_without_a_page_after_each_kill(kills: list[float], pauses: list[float]) -> None:
    assert Verdict(finished_at=FINISHED).pauses(kills) == pauses


def test_a_stretch_that_begins_much_later_is_another_matter() -> None:
    late = [1.0, 2.0, 2.0 + PAUSE_WITHIN_S, 100.0]
    assert Verdict(finished_at=late).pauses([1.5]) == [PAUSE_WITHIN_S]
