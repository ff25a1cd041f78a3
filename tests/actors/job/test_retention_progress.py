"""Rounds of retention over the in-memory store: when they come, and how one that was broken off is taken up."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from actors.job import retention as module
from actors.job.retention import EVERY_S, FIRST_S, Retention
from actors.job.retention_progress import Progress, load_progress, save_progress
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.ids import first_job_id_at, user_hash
from tests.actors.job.archive import ADA, BOB, NOW, Archive


@pytest.fixture
def archive() -> Archive:
    return Archive()


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
