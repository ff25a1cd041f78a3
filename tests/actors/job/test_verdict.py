"""What a host makes of a marker it does not know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.job.verdict import AwaitOwner, Claim, EndDeletion, LeaveAlone, Quarantine, RemoveMarker, Verdict, judge
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


def test_a_job_is_blamed_for_the_loss_of_a_host_and_not_of_a_cluster() -> None:
    ours, other = "c1/job-host-w-0/00000001", "c2/job-host-v-0/00000001"
    for heartbeat, blamed in ((ours, True), (other, False)):
        verdict = judged(f"{heartbeat}/r", dead=f"hosts/{heartbeat}")
        assert isinstance(verdict, Claim)
        assert (verdict.released, verdict.blamed) == (False, blamed)


def test_an_ended_job_needs_no_marker_unless_a_new_run_is_ordered() -> None:
    assert judged("", status=JobStatus.PARTIAL) == RemoveMarker()
    assert isinstance(judged("", status=JobStatus.PARTIAL, run=2), Claim)


def test_tombstones_damage_and_newer_versions() -> None:
    assert judge(marker(), Blob(encode(Tombstone(JOB, 1, 1)), 1), HOST, frozenset()) == RemoveMarker()
    assert isinstance(judge(marker(), Blob(b"{", 1), HOST, frozenset()), Quarantine)
    assert isinstance(judge(marker(), Blob(b'{"schema_version": 2}', 1), HOST, frozenset()), LeaveAlone)


def test_a_deletion_is_claimed_whatever_the_job_has_come_to() -> None:
    order = marker(operation=Operation.DELETE)
    assert isinstance(judge(order, None, HOST, frozenset()), Claim)
    for status in (JobStatus.PROCESSING, JobStatus.COMPLETED, JobStatus.DELETING):
        record = replace(make_record(owner=""), status=status)
        assert judge(order, Blob(encode(record), 5), HOST, frozenset()) == Claim(record, released=True)


def test_a_deletion_waits_for_an_owner_that_may_live() -> None:
    record = make_record(owner="c9/job-host-z-0/00000001/r")
    verdict = judge(marker(operation=Operation.DELETE), Blob(encode(record), 5), HOST, frozenset())
    assert verdict == AwaitOwner("hosts/c9/job-host-z-0/00000001")


def test_a_deletion_over_a_tombstone_is_seen_to_its_end() -> None:
    tombstone = Tombstone(JOB, 4, 17)
    order = marker(operation=Operation.DELETE)
    assert judge(order, Blob(encode(tombstone), 5), HOST, frozenset()) == EndDeletion(tombstone)


def test_a_deletion_is_no_way_round_damage_and_newer_versions() -> None:
    order = marker(operation=Operation.DELETE)
    assert isinstance(judge(order, Blob(b"{", 1), HOST, frozenset()), Quarantine)
    assert isinstance(judge(order, Blob(b'{"schema_version": 2}', 1), HOST, frozenset()), LeaveAlone)


@pytest.mark.parametrize("owner", ["somebody", "c/h/one/r", "c/../1/r", "c/h/1/", "c/h/1/r/s", "/h/1/r"])
def test_an_owner_that_is_none_is_damage(owner: str) -> None:
    assert isinstance(judged(owner), Quarantine)
