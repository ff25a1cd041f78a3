"""What a host makes of a marker it does not know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.job.verdict import AwaitOwner, Claim, LeaveAlone, Quarantine, RemoveMarker, Verdict, judge
from cluster.blobs.port import Blob
from cluster.marker import Marker, Operation
from cluster.record import FileInfo, JobStatus, Tombstone, encode
from tests.actors.job.machine_driver import JOB, NOW, make_record

HOST = "c1/job-host-v-0/00000003"


def judged(owner: str, *, status: JobStatus = JobStatus.PROCESSING, run: int = 1, dead: str = "") -> Verdict:
    record = replace(make_record(owner=owner), status=status)
    return judge(marker(run=run), Blob(encode(record), 5), HOST, frozenset({dead}))


def marker(*, operation: Operation = Operation.RUN, run: int = 1) -> Marker:
    document = FileInfo("a.pdf", "pdf", 0, "raw/document.pdf", 1)
    return Marker(JOB, operation, run, "a@b.c", "users/x/jobs/y/", document, NOW)


def test_a_job_without_record_is_claimed() -> None:
    verdict = judge(marker(), None, HOST, frozenset())
    assert isinstance(verdict, Claim)
    assert verdict.released


def test_a_released_job_is_claimed() -> None:
    verdict = judged("")
    assert isinstance(verdict, Claim)
    assert verdict.released


@pytest.mark.parametrize("owner", ["c1/job-host-v-0/00000002/r", "c1/job-host-v-0/00000003/r"])
def test_an_earlier_or_the_present_life_of_this_host_is_replaced(owner: str) -> None:
    verdict = judged(owner)
    assert isinstance(verdict, Claim)
    assert not verdict.released


@pytest.mark.parametrize(
    "owner", ["c2/job-host-v-0/00000001/r", "c1/job-host-w-0/00000001/r", "c1/job-host-v-0/00000004/r"]
)
def test_another_host_is_awaited_until_it_stands_still(owner: str) -> None:
    heartbeat = "hosts/" + owner.rpartition("/")[0]
    assert judged(owner) == AwaitOwner(heartbeat)
    assert isinstance(judged(owner, dead=heartbeat), Claim)


def test_an_ended_job_needs_no_marker_unless_a_new_run_is_ordered() -> None:
    assert judged("", status=JobStatus.PARTIAL) == RemoveMarker()
    assert isinstance(judged("", status=JobStatus.PARTIAL, run=2), Claim)


def test_tombstones_damage_and_newer_versions() -> None:
    assert judge(marker(), Blob(encode(Tombstone(JOB, 1, 1)), 1), HOST, frozenset()) == RemoveMarker()
    assert isinstance(judge(marker(), Blob(b"{", 1), HOST, frozenset()), Quarantine)
    assert isinstance(judge(marker(), Blob(b'{"schema_version": 2}', 1), HOST, frozenset()), LeaveAlone)
    assert isinstance(judge(marker(operation=Operation.CALLBACK), None, HOST, frozenset()), LeaveAlone)
