"""The in-memory blob store: the contract, its log, and faults on order."""

from __future__ import annotations

import asyncio

import pytest

from cluster.blobs.faults import Fault, FaultKind
from cluster.blobs.memory import MemoryBlobStore, Operation
from cluster.blobs.port import Blob
from cluster.clock import settle
from cluster.errors import BlobConflict, BlobCorrupt, BlobForbidden, BlobNotFound, BlobThrottled, BlobUnavailable
from tests.cluster.blobs.contract import BlobStoreContract, pieces
from tests.cluster.blobs.contract_listing import names


@pytest.fixture
def store() -> MemoryBlobStore:
    return MemoryBlobStore()


class TestMemoryContract(BlobStoreContract):
    pass


async def test_the_log_says_what_was_done(store: MemoryBlobStore) -> None:
    first = await store.create("a", b"1")
    await store.read("a")
    second = await store.put("a", b"2")
    with pytest.raises(BlobConflict):
        await store.create("a", b"3")
    await store.list("")
    await store.delete("a")
    assert store.log == [
        Operation("create", "a", first),
        Operation("read", "a", first),
        Operation("put", "a", second),
        Operation("list", "", 0),
        Operation("delete", "a", second),
    ]
    assert store.writes == {"a": 2}


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.UNAVAILABLE, BlobUnavailable),
        (FaultKind.THROTTLED, BlobThrottled),
        (FaultKind.FORBIDDEN, BlobForbidden),
    ],
)
async def test_faults_before_the_act_leave_everything_as_it_was(
    store: MemoryBlobStore, kind: FaultKind, error: type[Exception]
) -> None:
    generation = await store.create("a/b", b"1")
    fault = store.fail("*", "a/*", kind, count=6)
    for call in (
        store.read("a/b"),
        store.create("a/c", b""),
        store.replace("a/b", b"2", generation),
        store.put_stream("a/b", pieces(b"2")),
        store.delete("a/b"),
        store.list("a/"),
    ):
        with pytest.raises(error) as caught:
            await call
        assert type(caught.value) is error
    assert fault.hits == 6
    assert [(info.name, info.generation) for info in await store.list("a/")] == [("a/b", generation)]


async def test_a_lost_answer(store: MemoryBlobStore) -> None:
    store.fail("create", "*", FaultKind.LOST_ANSWER)
    with pytest.raises(BlobUnavailable):
        await store.create("a", b"1")
    assert (await store.read("a")).data == b"1"
    with pytest.raises(BlobConflict):
        await store.create("a", b"1")
    store.fail("delete", "a", FaultKind.LOST_ANSWER)
    with pytest.raises(BlobUnavailable):
        await store.delete("a")
    assert await names(store, "") == []


async def test_a_lost_answer_hides_a_conflict_too(store: MemoryBlobStore) -> None:
    generation = await store.create("a", b"1")
    store.fail("replace", "a", FaultKind.LOST_ANSWER)
    with pytest.raises(BlobUnavailable):
        await store.replace("a", b"2", generation + 1)
    assert await store.read("a") == Blob(b"1", generation)


async def test_a_write_that_lands_late(store: MemoryBlobStore) -> None:
    generation = await store.create("a", b"1")
    store.fail("replace", "a", FaultKind.LATE, count=2)
    for data in (b"2", b"3"):
        with pytest.raises(BlobUnavailable):
            await store.replace("a", data, generation)
    assert await store.read("a") == Blob(b"1", generation)
    landed = store.late[0].land()
    assert await store.read("a") == Blob(b"2", landed)
    with pytest.raises(BlobConflict):
        store.late[1].land()
    assert await store.read("a") == Blob(b"2", landed)


async def test_a_late_delete(store: MemoryBlobStore) -> None:
    generation = await store.create("a", b"1")
    store.fail("delete", "a", FaultKind.LATE)
    with pytest.raises(BlobUnavailable):
        await store.delete("a", generation)
    assert store.late[0].land() == generation
    with pytest.raises(BlobNotFound):
        await store.read("a")


async def test_a_slow_operation_waits_for_its_gate(store: MemoryBlobStore) -> None:
    fault = store.fail("put", "a", FaultKind.SLOW)
    store.fail("put", "a", FaultKind.LOST_ANSWER)
    slow = asyncio.create_task(store.put("a", b"slow"))
    await settle()
    assert not slow.done()
    assert store.log == []
    fault.gate.set()
    with pytest.raises(BlobUnavailable):
        await slow
    assert (await store.read("a")).data == b"slow"


async def test_a_corrupt_read(store: MemoryBlobStore) -> None:
    await store.put("a", b"1")
    store.fail("read", "a", FaultKind.CORRUPT)
    with pytest.raises(BlobCorrupt):
        await store.read("a")
    assert (await store.read("a")).data == b"1"


async def test_names_counts_and_clearing(store: MemoryBlobStore) -> None:
    store.fail("put", "*/processing.json", FaultKind.UNAVAILABLE, count=None)
    await store.put("a/other.json", b"")
    for _ in range(3):
        with pytest.raises(BlobUnavailable):
            await store.put("a/b/processing.json", b"")
    store.faults.clear()
    await store.put("a/b/processing.json", b"")


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("write", FaultKind.SLOW), ("put", FaultKind.CORRUPT), ("list", FaultKind.CORRUPT), ("*", FaultKind.LATE)],
)
def test_faults_that_make_no_sense_are_refused(operation: str, kind: FaultKind) -> None:
    with pytest.raises(ValueError, match=r"blob store|corrupt|late"):
        Fault(operation, "*", kind)


async def test_operations_interleave(store: MemoryBlobStore) -> None:
    await store.create("a", b"0")
    conflicts = 0

    async def increment() -> None:
        nonlocal conflicts
        blob = await store.read("a")
        try:
            await store.replace("a", b"1", blob.generation)
        except BlobConflict:
            conflicts += 1

    await asyncio.gather(increment(), increment())
    assert conflicts == 1
