"""Requests that come together share a read; none is told what the store knew before it asked."""

from __future__ import annotations

import asyncio

import pytest

from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.port import Blob
from cluster.errors import BlobNotFound
from serve_app.shared_reads import SharedReads


class SlowStore(MemoryBlobStore):
    """A read looks when it begins and answers when it is let go. reads: how many have begun."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.gate = asyncio.Event()

    async def read(self, name: str) -> Blob:
        self.reads += 1
        try:
            return await super().read(name)
        finally:
            await self.gate.wait()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_who_comes_during_a_read_gets_what_was_stored_since_it_began() -> None:
    store = SlowStore()
    await store.put("name", b"old")
    shared = SharedReads(store)
    first = asyncio.create_task(shared.read("name"))
    await settled()
    await store.put("name", b"new")
    others = [asyncio.create_task(shared.read("name")) for _ in range(20)]
    await settled()
    store.gate.set()
    assert (await first).data == b"old"
    assert {(await other).data for other in others} == {b"new"}
    assert store.reads == 2


async def test_one_who_comes_as_a_read_has_ended_shares_the_next() -> None:
    store = SlowStore()
    await store.put("name", b"data")
    shared = SharedReads(store)
    first = asyncio.create_task(shared.read("name"))
    await settled()
    second = asyncio.create_task(shared.read("name"))
    await settled()
    late: list[asyncio.Task[Blob]] = []
    first.add_done_callback(lambda _: late.append(asyncio.create_task(shared.read("name"))))
    store.gate.set()
    assert [(await reader).data for reader in (first, second)] == [b"data"] * 2
    await settled()
    assert (await late[0]).data == b"data"
    assert (await shared.read("name")).data == b"data"


async def test_any_number_in_any_order_are_all_answered() -> None:
    store = MemoryBlobStore()
    await store.put("name", b"0")
    shared = SharedReads(store)

    async def ask(turns: int) -> bytes:
        for _ in range(turns):
            await asyncio.sleep(0)
        return (await shared.read("name")).data

    assert set(await asyncio.gather(*(ask(turns % 17) for turns in range(300)))) == {b"0"}


async def test_an_error_is_everybodys_and_is_not_kept() -> None:
    store = SlowStore()
    store.gate.set()
    shared = SharedReads(store)
    answers = await asyncio.gather(*(shared.read("name") for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [BlobNotFound] * 3
    await store.put("name", b"there")
    assert (await shared.read("name")).data == b"there"


async def test_one_who_leaves_takes_nothing_from_the_others() -> None:
    store = SlowStore()
    await store.put("name", b"data")
    shared = SharedReads(store)
    readers = [asyncio.create_task(shared.read("name")) for _ in range(4)]
    await settled()
    readers[0].cancel()
    readers[1].cancel()
    await settled()
    store.gate.set()
    assert [(await reader).data for reader in readers[2:]] == [b"data"] * 2
    with pytest.raises(asyncio.CancelledError):
        await readers[1]


async def test_different_blobs_are_read_at_the_same_time() -> None:
    store = SlowStore()
    await store.put("a", b"1")
    await store.put("b", b"2")
    shared = SharedReads(store)
    readers = [asyncio.create_task(shared.read(name)) for name in "ab"]
    await settled()
    assert store.reads == 2
    store.gate.set()
    assert [(await reader).data for reader in readers] == [b"1", b"2"]
