"""Writes that come together are done together, and each gets its own outcome."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cluster.blobs.local import LocalBlobStore
from cluster.blobs.local_folder import Outcome, Write
from cluster.blobs.local_writes import MOST, WRITERS, LocalWrites
from cluster.errors import BlobConflict


class Disk:
    """Remembers the groups; blob ``n`` gets generation n + 1, ``bad`` a conflict. gate: writing waits for it."""

    def __init__(self, *, closed: bool = False) -> None:
        self.groups: list[list[bytes]] = []
        self.gate = threading.Event()
        if not closed:
            self.gate.set()

    def write(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        self.gate.wait(10)
        self.groups.append([write.name for write in writes])
        return [BlobConflict() if write.name == b"bad" else int(write.name) + 1 for write in writes]


def write_of(name: str) -> Write:
    return Write(name.encode(), b"", None, durable=True)


async def test_writes_of_one_turn_are_one_group_and_answered_in_one_turn() -> None:
    disk = Disk()
    with ThreadPoolExecutor(4) as pool:
        writes = LocalWrites(disk.write, pool)
        tasks = [asyncio.create_task(writes.submit(write_of(str(n)))) for n in range(8)]
        await tasks[0]
        await asyncio.sleep(0)
        assert all(task.done() for task in tasks)
    assert [task.result() for task in tasks] == [n + 1 for n in range(8)]
    assert disk.groups == [[str(n).encode() for n in range(8)]]


async def test_writes_gather_while_the_writers_are_busy_up_to_a_bound() -> None:
    disk = Disk(closed=True)
    with ThreadPoolExecutor(4) as pool:
        writes = LocalWrites(disk.write, pool)
        tasks = []
        for n in range(WRITERS + MOST + 1):  # one turn each, so that the first ones are groups of their own
            tasks.append(asyncio.create_task(writes.submit(write_of(str(n)))))
            await asyncio.sleep(0.001 if n < WRITERS else 0)
        disk.gate.set()
        assert await asyncio.gather(*tasks) == [n + 1 for n in range(WRITERS + MOST + 1)]
    assert sorted(len(group) for group in disk.groups) == [1, 1, 1, MOST]


async def test_one_write_that_fails_fails_alone() -> None:
    with ThreadPoolExecutor(4) as pool:
        writes = LocalWrites(Disk().write, pool)
        outcomes = await asyncio.gather(
            *(writes.submit(write_of(name)) for name in ("1", "bad", "2")), return_exceptions=True
        )
    assert (outcomes[0], outcomes[2]) == (2, 3)
    assert isinstance(outcomes[1], BlobConflict)


async def test_an_error_nobody_foresaw_reaches_every_caller_and_the_next_write_is_done() -> None:
    def broken(writes: Sequence[Write]) -> Sequence[Outcome]:
        if writes[0].name == b"1":
            raise ZeroDivisionError
        return [7 for _ in writes]

    with ThreadPoolExecutor(4) as pool:
        writes = LocalWrites(broken, pool)
        with pytest.raises(ZeroDivisionError):
            await writes.submit(write_of("1"))
        assert await writes.submit(write_of("2")) == 7


async def test_a_caller_who_is_cancelled_leaves_its_write_to_be_done() -> None:
    disk = Disk(closed=True)
    with ThreadPoolExecutor(4) as pool:
        writes = LocalWrites(disk.write, pool)
        leaving = asyncio.create_task(writes.submit(write_of("1")))
        staying = asyncio.create_task(writes.submit(write_of("2")))
        await asyncio.sleep(0.01)
        leaving.cancel()
        disk.gate.set()
        assert await staying == 3
    assert disk.groups == [[b"1", b"2"]]
    assert leaving.cancelled()


async def test_two_writes_of_one_name_in_one_group_hold_each_other_to_their_preconditions(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    try:
        outcomes = await asyncio.gather(
            store.create("a/b", b"first"), store.create("a/b", b"second"), return_exceptions=True
        )
        assert isinstance(outcomes[1], BlobConflict)
        blob = await store.read("a/b")
        assert (blob.data, blob.generation) == (b"first", outcomes[0])
    finally:
        await store.close()


async def test_what_was_submitted_before_the_close_is_done(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    writing = asyncio.create_task(store.create("a/b", b"last words"))
    await asyncio.sleep(0)
    await store.close()
    assert await writing > 0
    assert (tmp_path / "a" / "b").read_bytes() == b"last words"


async def test_a_write_after_the_close_fails_at_once(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    await store.close()
    for _ in range(3):
        with pytest.raises(RuntimeError, match="shutdown"):
            await asyncio.wait_for(store.create("a/b", b""), 5)
