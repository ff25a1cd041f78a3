"""Erasure: everything of one job goes but its record, and nothing of any other."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from actors.job import erasure as module
from actors.job.erasure import Erasure
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.idempotency import IdempotencyEntry, encode_entry
from cluster.ids import new_job_id
from cluster.marker import Marker, Operation
from cluster.record import FileInfo

ADA = "ada@example.org"
KEY = layout.key_hash("k")
ENTRY = layout.idempotency(ADA, "k")


async def stored(store: MemoryBlobStore, key: str | None = "k") -> Marker:
    """A job with all that a job can have."""
    job_id = new_job_id()
    prefix = layout.job_prefix(ADA, job_id)
    document = FileInfo("a.pdf", "pdf", 1, "raw/document.pdf", 5)
    hashed = None if key is None else layout.key_hash(key)
    marker = Marker(job_id, Operation.DELETE, 1, ADA, prefix, document, "2026-01-01", idempotency=hashed)
    await store.put(layout.index(ADA, job_id), (hashed or "").encode())
    if key is not None:
        await store.put(layout.idempotency(ADA, key), encode_entry(IdempotencyEntry("d", marker)))
    for name in (
        layout.record(prefix),
        layout.raw(prefix, "pdf"),
        layout.page_image(prefix, 1),
        layout.page_result(prefix, 1),
        layout.page_text(prefix, 1),
        layout.output(prefix, 1, 1, "md"),
        f"{prefix}what/a/later/version/stores",
    ):
        await store.put(name, b"x")
    return marker


async def names(store: MemoryBlobStore) -> list[str]:
    return [info.name for info in await store.list("")]


@pytest.mark.parametrize("told", [True, False])
async def test_all_but_the_record_goes(told: bool) -> None:
    """The key is known from the marker, or from the index entry where the marker was made again from the record."""
    store = MemoryBlobStore()
    marker = await stored(store)
    removed = await Erasure(store, ManualClock(), marker.prefix, KEY if told else None).run()
    assert removed == 6
    assert await names(store) == [layout.record(marker.prefix)]


async def test_other_jobs_stay() -> None:
    store = MemoryBlobStore()
    other = await stored(store, key=None)
    before = await names(store)
    marker = await stored(store)
    await Erasure(store, ManualClock(), marker.prefix).run()
    assert await names(store) == sorted([*before, layout.record(marker.prefix)])
    assert other.job_id != marker.job_id


async def test_it_may_be_done_again() -> None:
    store = MemoryBlobStore()
    marker = await stored(store)
    erasure = Erasure(store, ManualClock(), marker.prefix, KEY)
    await asyncio.gather(erasure.run(), Erasure(store, ManualClock(), marker.prefix, KEY).run())
    assert await erasure.run() == 0


async def test_more_than_one_listing_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTED", 3)
    store = MemoryBlobStore()
    marker = await stored(store)
    for page in range(2, 20):
        await store.put(layout.page_image(marker.prefix, page), b"x")
    assert await Erasure(store, ManualClock(), marker.prefix).run() == 24
    assert await names(store) == [layout.record(marker.prefix)]


@pytest.mark.parametrize(
    "prefix", ["", "users/", layout.user_prefix(ADA), layout.user_prefix(ADA) + "jobs/", "active/"]
)
def test_nothing_but_a_jobs_folder_is_emptied(prefix: str) -> None:
    with pytest.raises(ValueError, match="is not the folder of a job"):
        Erasure(MemoryBlobStore(), ManualClock(), prefix)


@pytest.mark.parametrize("data", [b"not an entry", b"{}"])
async def test_an_unreadable_entry_of_a_key_is_left(data: bytes) -> None:
    store = MemoryBlobStore()
    marker = await stored(store)
    await store.put(ENTRY, data)
    await Erasure(store, ManualClock(), marker.prefix).run()
    assert await names(store) == [ENTRY, layout.record(marker.prefix)]


@pytest.mark.parametrize("body", [b"", b"../../active", b"\xff\xfe", b"A" * 64])
async def test_an_index_entry_that_names_no_key(body: bytes) -> None:
    store = MemoryBlobStore()
    marker = await stored(store, key=None)
    await store.put(layout.index(ADA, marker.job_id), body)
    await Erasure(store, ManualClock(), marker.prefix).run()
    assert await names(store) == [layout.record(marker.prefix)]


async def test_an_index_entry_whose_checksum_does_not_match() -> None:
    store = MemoryBlobStore()
    marker = await stored(store)
    store.fail("read", layout.index(ADA, marker.job_id), FaultKind.CORRUPT)
    await Erasure(store, ManualClock(), marker.prefix, KEY).run()
    assert await names(store) == [layout.record(marker.prefix)]


async def test_a_key_that_is_taken_anew_meanwhile_is_kept() -> None:
    store, clock = MemoryBlobStore(), ManualClock()
    marker = await stored(store)
    removing = store.fail("delete", ENTRY, FaultKind.SLOW)
    task = asyncio.create_task(Erasure(store, clock, marker.prefix).run())
    while not removing.hits:
        await asyncio.sleep(0)
    taken = encode_entry(IdempotencyEntry("d", replace(marker, job_id=new_job_id())))
    await store.put(ENTRY, taken)
    removing.gate.set()
    while not task.done():
        await clock.advance(1)
    assert (await store.read(ENTRY)).data == taken


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.LOST_ANSWER, FaultKind.THROTTLED])
@pytest.mark.parametrize("operation", ["read", "list", "delete"])
async def test_it_waits_for_a_store_that_is_away(operation: str, kind: FaultKind) -> None:
    store, clock = MemoryBlobStore(), ManualClock()
    marker = await stored(store)
    fault = store.fail(operation, "*", kind, 5)
    task = asyncio.create_task(Erasure(store, clock, marker.prefix).run())
    while not task.done():
        await clock.advance(1)
    assert fault.hits == 5
    assert await names(store) == [layout.record(marker.prefix)]


async def test_a_tombstone_is_announced_under_the_day() -> None:
    store = MemoryBlobStore()
    prefix = layout.job_prefix(ADA, new_job_id())
    erasure = Erasure(store, ManualClock(), prefix)
    await erasure.announce_tombstone()
    await erasure.announce_tombstone()
    (name,) = await names(store)
    assert layout.tombstone_of_entry(name) == ("2026-01-01", prefix)
