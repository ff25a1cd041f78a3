from __future__ import annotations

from pathlib import Path

import pytest

from actors.ocr.faults import FaultCounter, FaultKind, ScriptedFault, parse_faults
from cluster.errors import StartupError


def test_the_whole_grammar() -> None:
    script = "crash:page=3,times=1; fail:page=5;oom:page=7,times=2 ; slow: page = 9 , ms=2000;hang:page=4;"
    assert parse_faults(script) == (
        ScriptedFault(FaultKind.CRASH, 3, 1),
        ScriptedFault(FaultKind.FAIL, 5),
        ScriptedFault(FaultKind.OOM, 7, 2),
        ScriptedFault(FaultKind.SLOW, 9, ms=2000),
        ScriptedFault(FaultKind.HANG, 4),
    )


@pytest.mark.parametrize("script", ["", "  ", ";;"])
def test_an_empty_script_has_no_faults(script: str) -> None:
    assert parse_faults(script) == ()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("boom:page=1", "kind"),
        ("crash", "page"),
        ("crash:", "page"),
        ("crash:times=1", "needs 'page'"),
        ("slow:page=1", "needs 'ms'"),
        ("fail:page=1,ms=5", "no 'ms'"),
        ("fail:page=0", "from 1"),
        ("fail:page=x", "from 1"),
        ("fail:page=-1", "from 1"),
        ("fail:page=1,page=2", "twice"),
        ("fail:page=1,job=2", "no 'job'"),
        ("fail:page=1,", "no ''"),
        ("ok:page=1", "kind"),
    ],
)
def test_what_is_wrong_is_named(script: str, reason: str) -> None:
    with pytest.raises(StartupError, match=reason) as caught:
        parse_faults(f"hang:page=9;{script}")
    assert script.strip() in caught.value.detail


def test_faults_come_as_often_as_scripted(tmp_path: Path) -> None:
    counter = FaultCounter(parse_faults("fail:page=1,times=2;oom:page=1;slow:page=2,ms=1"), tmp_path)
    kinds = [[fault.kind for fault in counter.next_of(1)] for _ in range(3)]
    assert kinds == [[FaultKind.FAIL, FaultKind.OOM], [FaultKind.FAIL, FaultKind.OOM], [FaultKind.OOM]]
    assert [fault.ms for fault in counter.next_of(2)] == [1]
    assert counter.next_of(3) == []


def test_crashes_are_counted_across_processes(tmp_path: Path) -> None:
    faults = parse_faults("crash:page=1,times=2;crash:page=1,times=1")
    folder = tmp_path / "not" / "there"
    lives = [len(FaultCounter(faults, folder).next_of(1)) for _ in range(4)]
    assert lives == [2, 1, 0, 0]
