"""Retention over the in-memory store: what is due goes, a little at a time, and nothing else does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actors.job import retention as module
from actors.job.retention import EVERY_S, FIRST_S, Retention
from actors.job.retention_progress import Progress, load_progress, save_progress
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.errors import BlobNotFound
from cluster.idempotency import IdempotencyEntry, encode_entry
from cluster.ids import first_job_id_at, user_hash
from cluster.marker import Marker, Operation, decode_marker, encode_marker, queued_record
from cluster.record import FileInfo, JobRecord, JobStatus, Tombstone, encode

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ADA, BOB = "ada@example.org", "bob@example.org"


class Archive:
    """A store with jobs of all ages, and retention over it."""

    def __init__(self, days: int | None = 30) -> None:
        self.store = MemoryBlobStore()
        self.clock = ManualClock(NOW)
        self.retention = Retention(self.store, self.clock, days, pause_s=0)
        self._drawn = 0

    def marker(self, age: timedelta, email: str = ADA, key: str | None = None) -> Marker:
        self._drawn += 1
        job_id = first_job_id_at(NOW - age)[:-6] + f"{self._drawn:06x}"
        document = FileInfo("a.pdf", "pdf", 0, "raw/document.pdf", 5)
        hashed = None if key is None else layout.key_hash(key)
        prefix = layout.job_prefix(email, job_id)
        return Marker(job_id, Operation.RUN, 1, email, prefix, document, "2026-01-01T00:00:00Z", idempotency=hashed)

    async def upload(self, age: timedelta, email: str = ADA, key: str | None = None) -> Marker:
        """Index entry, document, and idempotency entry where there is a key: a submission up to its marker."""
        marker = self.marker(age, email, key)
        await self.store.put(layout.index(email, marker.job_id), (marker.idempotency or "").encode())
        await self.store.put(marker.prefix + marker.document.raw_file, b"%PDF-")
        if key is not None:
            await self.store.put(layout.idempotency(email, key), encode_entry(IdempotencyEntry("d", marker)))
        return marker

    async def job(self, age: timedelta, status: JobStatus = JobStatus.COMPLETED, email: str = ADA) -> Marker:
        marker = await self.upload(age, email)
        await self.save(marker, replace(queued_record(marker), status=status, epoch=1, revision=3))
        return marker

    async def tombstone(self, deleted: timedelta) -> Marker:
        marker = self.marker(deleted)
        await self.save(marker, Tombstone(marker.job_id, 2, 9))
        await self.store.put(layout.tombstone_entry(f"{NOW - deleted:%Y-%m-%d}", marker.prefix), b"")
        return marker

    async def save(self, marker: Marker, record: JobRecord | Tombstone) -> None:
        await self.store.put(layout.record(marker.prefix), encode(record))

    async def names_of(self, marker: Marker) -> list[str]:
        return [info.name for info in await self.store.list("", limit=10_000) if marker.job_id in info.name]

    async def order(self, marker: Marker) -> Marker | None:
        try:
            return decode_marker((await self.store.read(layout.marker(marker.job_id))).data)
        except BlobNotFound:
            return None


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


# ---------------------------------------------------------------- rounds


async def broken_off(archive: Archive, operation: str, name: str) -> None:
    """A round whose process dies at this operation."""
    fault = archive.store.fail(operation, name, FaultKind.SLOW)
    task = asyncio.create_task(archive.retention.round())
    while not fault.hits:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_round_is_taken_up_at_the_user_that_it_had_come_to(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVED_STEPS", 2)
    for n in range(6):
        await archive.upload(timedelta(days=2), email=f"user-{n}@example.org")
    users = sorted(user_hash(f"user-{n}@example.org") for n in range(6))
    await broken_off(archive, "list", layout.index_folder(users[3]))
    progress = await load_progress(archive.store)
    assert (progress.user, progress.until) == (users[2], NOW - timedelta(days=1))
    done = await archive.retention.round()
    assert (done.users, done.uploads_removed) == (3, 3)
    assert await load_progress(archive.store) == Progress(checked=NOW - timedelta(days=1))


@pytest.mark.parametrize("due", [True, False])
async def test_a_round_is_taken_up_at_the_job_that_it_had_come_to(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, due: bool
) -> None:
    """One user, whose jobs would otherwise be begun anew after every restart."""
    monkeypatch.setattr(module, "SAVED_STEPS", 2)
    markers = [await archive.job(timedelta(days=40 if due else 2)) for _ in range(7)]
    records = [layout.record(marker.prefix) for marker in markers]
    await broken_off(archive, "read", records[5])
    progress = await load_progress(archive.store)
    assert (progress.user, progress.job_id) == (user_hash(ADA), markers[3].job_id)
    archive.store.log.clear()
    await archive.tombstone(timedelta(days=40))
    assert (await archive.retention.round()).tombstones_removed == 1
    assert [op.name for op in archive.store.log if op.operation == "read" and op.name in records] == records[4:]
    assert [await archive.order(marker) is not None for marker in markers] == [due] * 7
    assert await load_progress(archive.store) == Progress(checked=NOW - timedelta(days=1))


async def test_the_place_in_one_users_jobs_is_not_taken_for_another_s(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second user has nothing to be looked at yet when the place is saved, and has by the next round."""
    monkeypatch.setattr(module, "SAVED_STEPS", 3)
    first, second = sorted((ADA, BOB), key=user_hash)
    await archive.job(timedelta(days=40), email=first)
    await archive.upload(timedelta(hours=1), email=second)
    await archive.tombstone(timedelta(days=40))
    await broken_off(archive, "list", layout.TOMBSTONES)
    progress = await load_progress(archive.store)
    assert (progress.user, progress.job_id) == (user_hash(second), "")


@pytest.mark.parametrize("data", [b"{", b"[]", b"{}", b'{"checked": "yesterday", "until": null, "user": ""}'])
async def test_unreadable_progress_begins_anew(data: bytes) -> None:
    store = MemoryBlobStore()
    await store.put(layout.RETENTION, data)
    assert await load_progress(store) == Progress()


async def test_progress_is_read_back() -> None:
    store = MemoryBlobStore()
    progress = Progress(NOW, NOW + timedelta(microseconds=3), user_hash(ADA), first_job_id_at(NOW))
    await save_progress(store, progress)
    assert await load_progress(store) == progress


async def test_progress_that_is_corrupt_begins_anew() -> None:
    store = MemoryBlobStore()
    await save_progress(store, Progress(NOW))
    store.fail("read", layout.RETENTION, FaultKind.CORRUPT)
    assert await load_progress(store) == Progress()


async def test_rounds_come_once_an_hour(archive: Archive, audit_log: list[dict[str, Any]]) -> None:
    await archive.job(timedelta(days=40))
    running = asyncio.create_task(archive.retention.run())
    await asyncio.sleep(0)
    await archive.clock.advance(FIRST_S - 1)
    assert audit_log == []
    for rounds in (1, 2):
        await archive.clock.advance(2 if rounds == 1 else EVERY_S)
        for _ in range(50):
            await asyncio.sleep(0)
        assert [line["event"] for line in audit_log] == ["retention_round"] * rounds
    running.cancel()


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.THROTTLED, FaultKind.LOST_ANSWER])
@pytest.mark.parametrize("operation", ["read", "list", "create", "put", "delete"])
async def test_a_store_that_is_away_delays_a_round_and_does_not_break_it_off(
    archive: Archive, operation: str, kind: FaultKind
) -> None:
    job, upload = await archive.job(timedelta(days=40)), await archive.upload(timedelta(days=2))
    grave = await archive.tombstone(timedelta(days=40))
    fault = archive.store.fail(operation, "*", kind, 3)
    task = asyncio.create_task(archive.retention.round())
    for _ in range(200):
        await archive.clock.advance(1)
        if task.done():
            break
    done = await task
    assert fault.hits > 0
    assert (done.users, done.tombstones_removed) == (1, 1)
    assert await archive.order(job) is not None
    assert await archive.names_of(upload) == await archive.names_of(grave) == []


async def test_a_round_is_slow_on_purpose() -> None:
    archive = Archive()
    archive.retention = Retention(archive.store, archive.clock, 30, pause_s=10)
    markers = [await archive.job(timedelta(days=40)) for _ in range(3)]
    task = asyncio.create_task(archive.retention.round())
    for ordered in (1, 2, 3):
        for _ in range(100):
            await asyncio.sleep(0)
        assert sum([await archive.order(marker) is not None for marker in markers]) == ordered
        await archive.clock.advance(10)
    await task
