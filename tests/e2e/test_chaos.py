"""The crash matrix in short: every kind of process is killed once under a mixed load, on either store.

``make chaos`` is the long one.
"""

from __future__ import annotations

import pytest

from benchmarks.chaos import PROCESSES, Row, run_row

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.mark.parametrize("store", ["folder", "double"])
def test_nothing_is_lost_and_no_finished_page_is_read_again(store: str) -> None:
    row = Row(store, "null", ", ".join(PROCESSES), len(PROCESSES))
    outcome = run_row(row, victims=list(PROCESSES))
    assert outcome.jobs >= 5
    assert outcome.pages > 50
    assert (outcome.lost, outcome.unfinished, outcome.read_again, outcome.client_failures) == (0, 0, 0, 0)
    assert outcome.refused in (None, 0), "no record is written faster than Cloud Storage takes it"
