"""The crash matrix in short: every kind of process is killed once under a mixed load.

``make chaos`` is the long one. On the folder ``test_losses.py`` kills the others.
"""

from __future__ import annotations

import pytest

from benchmarks.chaos import PROCESSES, Row, run_row

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


FURTHER_PAGES = 4
"""Fewer than between the kills of a whole row: here those of two replicas that pages may die with are apart."""
EACH = ["OCRActor", "Ingress", "JobHost", "Serve controller", "Renderer"]


def test_each_process_is_among_the_victims() -> None:
    assert sorted(EACH) == sorted(PROCESSES)


@pytest.mark.parametrize(("store", "victims"), [("folder", ["Ingress", "Serve controller"]), ("double", EACH)])
def test_nothing_is_lost_and_no_finished_page_is_read_again(store: str, victims: list[str]) -> None:
    row = Row(store, "null", ", ".join(victims), len(victims))
    outcome = run_row(row, victims=victims, further_pages=FURTHER_PAGES)
    assert outcome.jobs >= 5
    assert outcome.pages > 50
    assert (outcome.lost, outcome.unfinished, outcome.read_again, outcome.client_failures) == (0, 0, 0, 0)
    assert outcome.refused in (None, 0), "no record is written faster than Cloud Storage takes it"
