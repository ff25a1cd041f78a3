from __future__ import annotations

from pathlib import Path

import pytest

from cluster.clock import SystemClock
from serve_app.doctor.finding import Finding, Verdict
from serve_app.doctor.storage import check_space, check_storage, check_sync, nearest_folder
from tests.cloud_storage.double import CloudDouble


def named(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def test_a_folder(tmp_path: Path) -> None:
    findings = named(check_storage(f"file://{tmp_path}/data"))
    assert list(findings) == ["store", "disk", "sync", "temporary files"]
    assert findings["store"].verdict is Verdict.OK
    assert str(tmp_path) in findings["disk"].found


def test_a_folder_that_is_not_there_is_not_there_afterwards(tmp_path: Path) -> None:
    check_storage(f"file://{tmp_path}/deep/data")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_keeps_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "blob").write_text("content")
    check_storage(f"file://{tmp_path}")
    assert (tmp_path / "blob").read_text() == "content"


def test_a_folder_that_can_not_be_written() -> None:
    findings = named(check_storage("file:///proc/data"))  # where not even root may make a folder
    assert findings["store"].verdict is Verdict.FAULT
    assert "sync" not in findings


def test_a_folder_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    finding = check_storage(f"file://{tmp_path}/file/data")[0]
    assert finding.verdict is Verdict.FAULT
    assert "can't be used" in finding.found


def test_a_bucket(cloud: CloudDouble) -> None:
    findings = named(check_storage("gs://bucket/production"))
    assert (list(findings), findings["store"].verdict) == (["store", "temporary files"], Verdict.OK)


def test_a_bucket_that_is_not_there(cloud: CloudDouble) -> None:
    finding = check_storage("gs://absent")[0]
    assert finding.verdict is Verdict.FAULT
    assert "there is no such bucket" in finding.found


def test_memory_is_no_store_of_a_cluster() -> None:
    assert check_storage("memory://")[0].verdict is Verdict.FAULT


@pytest.mark.parametrize(("free", "verdict"), [(1, "fault"), (5_000_000_000, "warning"), (50_000_000_000, "ok")])
def test_space(tmp_path: Path, free: int, verdict: str) -> None:
    assert check_space("disk", tmp_path, free).verdict == verdict


class Slow(SystemClock):
    def __init__(self) -> None:
        self._asked = 0

    def monotonic(self) -> float:
        self._asked += 1
        return self._asked * 0.2


def test_a_disk_that_is_slow_to_sync(tmp_path: Path) -> None:
    (finding,) = check_sync(tmp_path, Slow())
    assert (finding.verdict, finding.found.split(" to ")[0]) == (Verdict.WARNING, "200.0 ms")
    assert list(tmp_path.iterdir()) == []


def test_nearest_folder(tmp_path: Path) -> None:
    assert nearest_folder(tmp_path / "a" / "b") == tmp_path
    assert nearest_folder(tmp_path) == tmp_path
