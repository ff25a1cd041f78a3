"""The cache of documents."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from actors.render.document_cache import IDLE_S, DocumentCache
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock, settle
from cluster.errors import BlobNotFound, BlobUnavailable


async def filled(store: MemoryBlobStore, *names: str) -> None:
    for name in names:
        await store.put(name, name.encode() * 10)


def downloads(store: MemoryBlobStore) -> list[str]:
    return [done.name for done in store.log if done.operation == "open_read"]


async def test_a_document_is_downloaded_once_for_all_who_ask(store: MemoryBlobStore, tmp_path: Path) -> None:
    await filled(store, "a")
    cache = DocumentCache(store, tmp_path, 1000, ManualClock())

    async def use() -> bytes:
        async with cache.lease("a") as path:
            return path.read_bytes()

    assert await asyncio.gather(*(use() for _ in range(5))) == [b"a" * 10] * 5
    assert await use() == b"a" * 10
    assert downloads(store) == ["a"]


async def test_the_least_recently_used_makes_room(store: MemoryBlobStore, tmp_path: Path) -> None:
    await filled(store, "a", "b", "c")
    cache = DocumentCache(store, tmp_path, 20, ManualClock())
    for name in ("a", "b", "a", "c"):
        async with cache.lease(name) as path:
            assert path.read_bytes() == name.encode() * 10
    assert len(list(tmp_path.iterdir())) == 2
    async with cache.lease("a"):
        pass
    assert downloads(store) == ["a", "b", "c"]
    async with cache.lease("b"):
        pass
    assert downloads(store) == ["a", "b", "c", "b"]


async def test_a_copy_in_use_stays_whatever_its_size(store: MemoryBlobStore, tmp_path: Path) -> None:
    await filled(store, "a", "b")
    cache = DocumentCache(store, tmp_path, 1, ManualClock())
    async with cache.lease("a") as first:
        async with cache.lease("b") as second:
            assert second.exists()
        assert not second.exists()
        assert first.read_bytes() == b"a" * 10
    assert not first.exists()


async def test_a_failed_download_leaves_nothing_and_is_tried_again(store: MemoryBlobStore, tmp_path: Path) -> None:
    cache = DocumentCache(store, tmp_path, 1000, ManualClock())
    with pytest.raises(BlobNotFound):
        async with cache.lease("a"):
            pass
    await filled(store, "a")
    store.fail("open_read", "a", FaultKind.UNAVAILABLE)
    with pytest.raises(BlobUnavailable):
        async with cache.lease("a"):
            pass
    async with cache.lease("a") as path:
        assert path.read_bytes() == b"a" * 10
        assert list(tmp_path.iterdir()) == [path]


async def test_who_leaves_does_not_end_the_download_of_others(store: MemoryBlobStore, tmp_path: Path) -> None:
    await filled(store, "a")
    slow = store.fail("open_read", "a", FaultKind.SLOW)
    cache = DocumentCache(store, tmp_path, 1000, ManualClock())

    async def use() -> bytes:
        async with cache.lease("a") as path:
            return path.read_bytes()

    leaving, staying = asyncio.create_task(use()), asyncio.create_task(use())
    await settle()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    slow.gate.set()
    assert await staying == b"a" * 10
    assert downloads(store) == ["a"]


async def test_closing_ends_downloads(store: MemoryBlobStore, tmp_path: Path) -> None:
    await filled(store, "a")
    store.fail("open_read", "a", FaultKind.SLOW)
    cache = DocumentCache(store, tmp_path, 1000, ManualClock())
    using = asyncio.create_task(cache.lease("a").__aenter__())
    while not list(tmp_path.iterdir()):
        await asyncio.sleep(0.001)
    await cache.close()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert list(tmp_path.iterdir()) == []


async def aged(clock: ManualClock, seconds: float) -> None:
    """Moves the clock, and lets the disk's thread keep up."""
    for _ in range(10):
        await clock.advance(seconds / 10)
        await asyncio.sleep(0.005)


async def test_a_copy_that_nobody_uses_goes_after_a_while(store: MemoryBlobStore, tmp_path: Path) -> None:
    """Its job may have been deleted: on a quiet cluster nothing else would ever make room."""
    await filled(store, "a", "b")
    clock, told = ManualClock(), list[Path]()

    async def on_idle(path: Path) -> None:
        told.append(path)

    cache = DocumentCache(store, tmp_path, 1000, clock, on_idle)
    async with cache.lease("a") as idle:
        pass
    async with cache.lease("b") as used:
        await aged(clock, IDLE_S * 0.9)
        assert idle.exists()
        await aged(clock, IDLE_S * 0.4)
        assert (idle.exists(), used.exists()) == (False, True)
        assert told == [idle]
        await aged(clock, IDLE_S * 9)
        assert used.exists()
    await aged(clock, IDLE_S * 1.3)
    assert list(tmp_path.iterdir()) == []
    assert (len(cache), told) == (0, [idle, used])
    async with cache.lease("a") as again:
        assert again.read_bytes() == b"a" * 10
    await aged(clock, IDLE_S * 1.3)
    assert list(tmp_path.iterdir()) == [], "also once there have been none for a time"
    await cache.close()


async def test_every_use_begins_the_while_anew(store: MemoryBlobStore, tmp_path: Path) -> None:
    await filled(store, "a")
    clock = ManualClock()
    cache = DocumentCache(store, tmp_path, 1000, clock)
    for _ in range(5):
        async with cache.lease("a"):
            pass
        await aged(clock, IDLE_S * 0.9)
    assert downloads(store) == ["a"]
    await cache.close()
