"""What the simulation prints."""

from __future__ import annotations

import sys

import pytest

from benchmarks import simulate


def test_a_row_for_each_size_and_nothing_lost(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["simulate", "--replicas", "1", "2", "--jobs", "5", "--start", "20"])
    simulate.main()
    told = capsys.readouterr().out
    rows = [line.split() for line in told.splitlines() if line[:1].isdigit()]
    assert [row[0] for row in rows] == ["1", "2"] * 4
    jobs = {row[0]: row[1:6] for row in rows[:2]}
    assert jobs == {"1": ["5", "5", "100", "0", "0"], "2": ["10", "10", "200", "0", "0"]}
