"""The limits of a call to a Renderer."""

from __future__ import annotations

import pytest

from actors.job.state import Policy
from actors.render.call_limits import CallLimits


def test_a_deletion_waits_for_as_long_as_a_call_may_write() -> None:
    assert Policy().call_s == CallLimits().writes_s == 600, "ten minutes, says docs/deletion.md"


@pytest.mark.parametrize(
    ("limits", "writes_s"),
    [
        (CallLimits(wait_s=100, draw_s=20, store_s=3, fetch_s=50, assemble_s=50, landing_s=7), 130),
        (CallLimits(wait_s=100, draw_s=20, store_s=3, fetch_s=50, assemble_s=500, landing_s=7), 507),
        (CallLimits(wait_s=100, draw_s=20, store_s=3, fetch_s=600, assemble_s=500, landing_s=7), 607),
    ],
)
def test_the_longest_of_the_ways_counts(limits: CallLimits, writes_s: float) -> None:
    assert limits.storing_begins_s == 120
    assert limits.writes_s == writes_s
