"""The jobs that come to a simulated cluster."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.simulation.load import SIZES, draw_load
from benchmarks.simulation.terms import Terms


@pytest.mark.parametrize("replicas", [1, 10])
def test_it_is_as_large_as_it_is_said_to_be(replicas: int) -> None:
    terms = Terms(replicas=replicas)
    load = draw_load(terms)
    assert len({coming.job_id for coming in load}) == len(load) == terms.jobs
    assert sum(coming.pages for coming in load) == terms.pages
    assert min(coming.pages for coming in load) >= 1
    times = [coming.at for coming in load]
    assert times == sorted(times)
    assert times[-1] <= terms.coming_s


def test_most_are_letters_and_most_pages_are_in_books_and_reports() -> None:
    load = draw_load(Terms(replicas=10))
    kinds = Counter(coming.kind for coming in load)
    assert kinds["letter"] > kinds["report"] > kinds["book"] > 0
    assert all(SIZES["letter"][0] <= coming.pages <= SIZES["letter"][1] for coming in load if coming.kind == "letter")


def test_without_books_the_pages_are_made_up_elsewhere() -> None:
    terms = Terms(replicas=1, jobs_a_replica=3, pages_a_job=20)
    assert sum(coming.pages for coming in draw_load(terms)) == terms.pages


def test_it_comes_in_waves() -> None:
    terms = Terms(replicas=10)
    quarters = Counter(int(16 * coming.at / terms.coming_s) % 4 for coming in draw_load(terms))
    assert min(quarters[1], quarters[2]) > 2 * max(quarters[0], quarters[3])
