"""Retention over the in-memory store: what is due goes, a little at a time, and nothing else does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from actors.job import retention as module
from actors.job.retention import Retention
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.errors import BlobNotFound
from cluster.marker import Operation, encode_marker, queued_record
from cluster.record import JobStatus
from tests.actors.job.archive import ADA, BOB, Archive


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.PARTIAL, JobStatus.FAILED, JobStatus.CANCELLED])
async def test_an_ended_job_that_is_due_is_ordered_to_be_deleted(
    archive: Archive, audit_log: list[dict[str, Any]], status: JobStatus
) -> None:
    due, young = await archive.job(timedelta(days=31), status), await archive.job(timedelta(days=29), status)
    done = await archive.retention.round()
    order = await archive.order(due)
    assert order is not None
    assert (order.operation, order.reason, order.prefix) == (Operation.DELETE, "retention", due.prefix)
    assert await archive.order(young) is None
    assert (done.users, done.deletions_ordered) == (1, 1)
    assert [(line["event"], line["reason"]) for line in audit_log] == [
        ("retention_round", "retention"),
    ], "the order's own line is its owner's"
    assert audit_log[0]["deletions_ordered"] == 1


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.EXTRACTING, JobStatus.PROCESSING, JobStatus.DELETING])
async def test_a_job_that_has_not_ended_is_left_however_old(archive: Archive, status: JobStatus) -> None:
    marker = await archive.job(timedelta(days=400), status)
    before = await archive.names_of(marker)
    assert (await archive.retention.round()).deletions_ordered == 0
    assert await archive.names_of(marker) == before


async def test_without_a_number_of_days_jobs_are_kept() -> None:
    archive = Archive(days=None)
    marker = await archive.job(timedelta(days=4000))
    await archive.retention.round()
    assert await archive.order(marker) is None


async def test_an_order_that_stands_is_left_as_it_is(archive: Archive) -> None:
    marker = await archive.job(timedelta(days=31))
    retry = replace(marker, run=2)
    await archive.store.put(layout.marker(marker.job_id), encode_marker(retry))
    assert (await archive.retention.round()).deletions_ordered == 0
    assert await archive.order(marker) == retry


async def test_every_users_jobs_are_looked_at(archive: Archive) -> None:
    markers = [await archive.job(timedelta(days=40), email=f"user-{n}@example.org") for n in range(7)]
    done = await archive.retention.round()
    assert (done.users, done.deletions_ordered) == (7, 7)
    assert all([await archive.order(marker) for marker in markers])


async def test_two_hosts_may_make_the_same_round(archive: Archive) -> None:
    markers = [await archive.job(timedelta(days=40)) for _ in range(5)]
    uploads = [await archive.upload(timedelta(days=3)) for _ in range(5)]
    graves = [await archive.tombstone(timedelta(days=40)) for _ in range(5)]
    other = Retention(archive.store, archive.clock, 30, pause_s=0)
    rounds = await asyncio.gather(archive.retention.round(), other.round())
    assert sum(done.deletions_ordered for done in rounds) == 5
    for marker in uploads + graves:
        assert await archive.names_of(marker) == []
    for marker in markers:
        assert await archive.order(marker) is not None


async def test_a_round_orders_a_bounded_number_of_deletions(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_ORDERS", 2)
    markers = [await archive.job(timedelta(days=40)) for _ in range(5)]
    assert (await archive.retention.round()).deletions_ordered == 2
    ordered = [await archive.order(marker) for marker in markers]
    assert [order is not None for order in ordered] == [True, True, False, False, False], "the oldest first"
    read = {op.name for op in archive.store.log if op.operation == "read"}
    assert not read & {layout.record(marker.prefix) for marker in markers[2:]}


async def test_what_is_not_ordered_yet_hinders_neither_uploads_nor_tombstones(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ORDERS", 1)
    for _ in range(3):
        await archive.job(timedelta(days=40))
    upload, grave = await archive.upload(timedelta(days=2)), await archive.tombstone(timedelta(days=40))
    done = await archive.retention.round()
    assert (done.deletions_ordered, done.uploads_removed, done.tombstones_removed) == (1, 1, 1)
    assert await archive.names_of(upload) == await archive.names_of(grave) == []
    assert (await archive.retention.round()).deletions_ordered == 1, "the rest comes with the next rounds"


@pytest.mark.parametrize("data", [b"{", b'{"schema_version": 99}'])
async def test_an_unreadable_record_is_left_and_the_others_go(archive: Archive, data: bytes) -> None:
    bad, good = await archive.job(timedelta(days=41)), await archive.job(timedelta(days=40))
    await archive.store.put(layout.record(bad.prefix), data)
    before = await archive.names_of(bad)
    assert (await archive.retention.round()).deletions_ordered == 1
    assert await archive.names_of(bad) == before
    assert await archive.order(good) is not None


async def test_a_record_that_tells_of_another_users_job_is_left(archive: Archive) -> None:
    marker = await archive.job(timedelta(days=40))
    await archive.save(marker, replace(queued_record(marker), status=JobStatus.COMPLETED, user_email=BOB))
    assert (await archive.retention.round()).deletions_ordered == 0


# ---------------------------------------------------------------- uploads that never became a job


async def test_an_upload_that_never_became_a_job_goes_after_a_day(
    archive: Archive, audit_log: list[dict[str, Any]]
) -> None:
    old, young = await archive.upload(timedelta(hours=25), key="k"), await archive.upload(timedelta(hours=23))
    done = await archive.retention.round()
    assert done.uploads_removed == 1
    assert await archive.names_of(old) == []
    assert len(await archive.names_of(young)) == 2
    with pytest.raises(BlobNotFound):
        await archive.store.read(layout.idempotency(ADA, "k"))
    assert (audit_log[0]["event"], audit_log[0]["job_id"]) == ("upload_removed", old.job_id)


async def test_a_job_that_no_host_has_begun_is_no_such_upload(archive: Archive) -> None:
    waiting, put_aside = await archive.upload(timedelta(days=50)), await archive.upload(timedelta(days=50))
    await archive.store.put(layout.marker(waiting.job_id), encode_marker(waiting))
    await archive.store.put(layout.quarantine(put_aside.job_id), b"what was its marker")
    assert (await archive.retention.round()).uploads_removed == 0
    assert len(await archive.names_of(waiting)) == len(await archive.names_of(put_aside)) == 3


async def test_a_job_that_begins_and_ends_between_two_readings(archive: Archive) -> None:
    marker = await archive.upload(timedelta(days=2))
    reading = archive.store.fail("read", layout.marker(marker.job_id), FaultKind.SLOW)
    task = asyncio.create_task(archive.retention.round())
    while not reading.hits:
        await asyncio.sleep(0)
    await archive.save(marker, replace(queued_record(marker), status=JobStatus.COMPLETED))
    reading.gate.set()
    assert (await task).uploads_removed == 0


async def test_what_was_looked_at_once_is_not_read_again() -> None:
    archive = Archive(days=None)
    for age in (1.5, 20, 300):
        await archive.job(timedelta(days=age))
    for reads in (3, 0):
        archive.store.log.clear()
        await archive.retention.round()
        assert sum(op.operation == "read" and "/jobs/" in op.name for op in archive.store.log) == reads
    late = await archive.upload(timedelta(hours=23))
    await archive.clock.advance(7200)
    assert (await archive.retention.round()).uploads_removed == 1
    assert await archive.names_of(late) == []


async def test_many_entries_are_listed_in_pages(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LISTED", 3)
    for _ in range(10):
        await archive.job(timedelta(days=40))
        await archive.tombstone(timedelta(days=40))
    done = await archive.retention.round()
    assert (done.deletions_ordered, done.tombstones_removed) == (10, 10)


# ---------------------------------------------------------------- tombstones


async def test_a_tombstone_goes_thirty_days_after_the_deletion(
    archive: Archive, audit_log: list[dict[str, Any]]
) -> None:
    old, young = await archive.tombstone(timedelta(days=31)), await archive.tombstone(timedelta(days=29))
    await archive.store.put(layout.page_image(old.prefix, 1), b"a call that came very late")
    assert (await archive.retention.round()).tombstones_removed == 1
    assert await archive.names_of(old) == []
    assert len(await archive.names_of(young)) == 2
    assert audit_log[0]["event"] == "tombstone_removed"


async def test_a_tombstone_whose_deletion_has_not_ended_stays(archive: Archive) -> None:
    marker = await archive.tombstone(timedelta(days=40))
    await archive.store.put(layout.marker(marker.job_id), encode_marker(marker.deletion("user")))
    unburied = await archive.job(timedelta(days=40), JobStatus.DELETING)
    await archive.store.put(layout.tombstone_entry("2026-01-01", unburied.prefix), b"")
    assert (await archive.retention.round()).tombstones_removed == 0
    assert len(await archive.names_of(marker)) == 3


async def test_an_entry_without_a_tombstone_goes(archive: Archive) -> None:
    marker = await archive.tombstone(timedelta(days=40))
    await archive.store.delete(layout.record(marker.prefix))
    await archive.retention.round()
    assert await archive.names_of(marker) == []


async def test_an_entry_that_is_none_hinders_nobody(archive: Archive) -> None:
    await archive.store.put("tombstones/2000-01-01/nobody/nothing", b"")
    await archive.tombstone(timedelta(days=40))
    assert (await archive.retention.round()).tombstones_removed == 1
