"""The metered blob store: it keeps the contract of the one inside, and counts what was done and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.metered import MeteredBlobStore
from cluster.clock import ManualClock, settle
from cluster.errors import BlobConflict, BlobNotFound, BlobThrottled, BlobUnavailable
from cluster.meter import Meter
from cluster.metrics import BLOB_OPERATIONS, BLOB_TIME
from tests.cluster.blobs.contract import BlobStoreContract


class TestMeteredContract(BlobStoreContract):
    @pytest.fixture
    def store(self) -> MeteredBlobStore:
        return MeteredBlobStore(MemoryBlobStore(), Meter(), ManualClock())


async def test_operations_are_counted_by_how_they_ended() -> None:
    inside, meter = MemoryBlobStore(), Meter()
    store = MeteredBlobStore(inside, meter, ManualClock())
    generation = await store.create("a", b"1")
    with pytest.raises(BlobConflict):
        await store.replace("a", b"2", generation + 1)
    with pytest.raises(BlobNotFound):
        await store.read("b")
    inside.fail("put", "*", FaultKind.THROTTLED)
    with pytest.raises(BlobThrottled):
        await store.put("a", b"3")
    inside.fail("list", "*", FaultKind.UNAVAILABLE)
    with pytest.raises(BlobUnavailable):
        await store.list("")
    counts = {labels: count for (metric, labels), count in meter.collect().counts.items() if metric is BLOB_OPERATIONS}
    assert counts == {
        ("create", "ok"): 1,
        ("replace", "conflict"): 1,
        ("read", "not_found"): 1,
        ("put", "throttled"): 1,
        ("list", "unavailable"): 1,
    }


async def test_operations_are_timed_and_abandoned_ones_told_apart() -> None:
    inside, meter, clock = MemoryBlobStore(), Meter(), ManualClock()
    store = MeteredBlobStore(inside, meter, clock)
    slow = inside.fail("read", "*", FaultKind.SLOW)
    reading = asyncio.create_task(store.read("a"))
    await settle()
    await clock.advance(2)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert slow.hits == 1
    collected = meter.collect()
    assert collected.counts == {(BLOB_OPERATIONS, ("read", "abandoned")): 1}
    assert collected.values == {(BLOB_TIME, ("read",)): [2.0]}


async def test_a_reader_that_stops_early_closes_the_stream_inside() -> None:
    inside, meter = MemoryBlobStore(), Meter()
    store = MeteredBlobStore(inside, meter, ManualClock())
    await store.put("a", b"x" * 10)
    pieces = store.open_read("a", 1)
    assert await anext(pieces) == b"x"
    assert isinstance(pieces, AsyncGenerator), "the port promises an iterator alone"
    await pieces.aclose()
    counts = meter.collect().counts
    assert counts[(BLOB_OPERATIONS, ("open_read", "abandoned"))] == 1
