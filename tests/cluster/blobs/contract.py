"""The one contract suite of the blob store: every implementation runs it, with a fixture ``store`` of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from cluster.blobs.port import Blob, BlobStore
from cluster.errors import BlobConflict, BlobNotFound
from tests.cluster.blobs.contract_listing import JOB, ListingContract, names

BAD_NAMES = [
    "",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a/..",
    "a\0b",
    "a\nb",
    "a/b\r",
    ".store/locks/00",
    "a/" + "x" * 256,
    "é" * 128,
    "/".join(["x" * 200] * 6),
    "\udcff",
]


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


class BlobStoreContract(ListingContract):
    # ---------------------------------------------------------------- writing and reading

    async def test_what_is_written_is_read_with_its_generation(self, store: BlobStore) -> None:
        created = await store.create(JOB + "a", b"one")
        assert created > 0
        assert await store.read(JOB + "a") == Blob(b"one", created)
        replaced = await store.replace(JOB + "a", b"two", created)
        assert await store.read(JOB + "a") == Blob(b"two", replaced)
        put = await store.put(JOB + "a", b"three")
        assert await store.read(JOB + "a") == Blob(b"three", put)
        info = await store.put_stream(JOB + "a", pieces(b"fo", b"", b"ur"))
        assert (info.name, info.size) == (JOB + "a", 4)
        assert await store.read(JOB + "a") == Blob(b"four", info.generation)
        assert 0 < created < replaced < put < info.generation

    @pytest.mark.parametrize("durable", [True, False])
    async def test_durable_or_not_is_no_difference_to_a_reader(self, store: BlobStore, durable: bool) -> None:
        first = await store.create("a/b", b"1", durable=durable)
        second = await store.replace("a/b", b"22", first, durable=durable)
        third = await store.put("a/b", b"333", durable=durable)
        fourth = await store.put_stream("a/b", pieces(b"4444"), durable=durable)
        assert first < second < third < fourth.generation
        assert await store.read("a/b") == Blob(b"4444", fourth.generation)
        assert await store.list("a/") == [fourth]

    async def test_an_absent_blob(self, store: BlobStore) -> None:
        await store.put("a/b", b"x")
        for name in ("nothing", "a/nothing", "nothing/at/all", "a", "a/b/c"):
            with pytest.raises(BlobNotFound):
                await store.read(name)
            with pytest.raises(BlobNotFound):
                await store.read_range(name, 0, 1)
            with pytest.raises(BlobNotFound):
                await anext(aiter(store.open_read(name)))
            with pytest.raises(BlobNotFound):
                await store.delete(name)
            with pytest.raises(BlobNotFound):
                await store.delete(name, if_generation=7)
            with pytest.raises(BlobConflict):
                await store.replace(name, b"", 7)
        assert await names(store, "") == ["a/b"]

    @pytest.mark.parametrize("name", ["ä/ß/日本語 🙂.png", "a\\b", "a b/%2e/c\td", "x/" + "é" * 127, "a/.hidden", "-"])
    async def test_unusual_names(self, store: BlobStore, name: str) -> None:
        generation = await store.create(name, b"x")
        assert await store.read(name) == Blob(b"x", generation)
        assert await names(store, "") == [name]
        assert await names(store, name) == [name]
        await store.delete(name)
        assert await names(store, "") == []

    async def test_the_longest_name(self, store: BlobStore) -> None:
        name = "/".join(["x" * 204] * 5)
        assert len(name) == 1024
        await store.create(name, b"x")
        deep = "d/" * 511 + "dd"
        await store.create(deep, b"y")
        assert await names(store, "") == [deep, name]
        with pytest.raises(ValueError, match="longer"):
            await store.create(name + "x", b"x")

    @pytest.mark.parametrize("name", BAD_NAMES, ids=range(len(BAD_NAMES)))
    async def test_bad_names_are_refused_by_every_method(self, store: BlobStore, name: str) -> None:
        for call in (
            store.read(name),
            store.read_range(name, 0, 1),
            anext(aiter(store.open_read(name))),
            store.create(name, b""),
            store.replace(name, b"", 1),
            store.put(name, b""),
            store.put_stream(name, pieces(b"")),
            store.delete(name),
        ):
            with pytest.raises(ValueError):  # noqa: PT011 - UnicodeEncodeError among them
                await call
        assert await names(store, "") == []

    async def test_an_empty_blob(self, store: BlobStore) -> None:
        generation = await store.create("a", b"")
        assert await store.read("a") == Blob(b"", generation)
        assert await store.read_range("a", 0, 10) == b""
        assert [piece async for piece in store.open_read("a")] == []
        assert (await store.list(""))[0].size == 0
        assert (await store.put_stream("b", pieces())).size == 0
        assert (await store.read("b")).data == b""

    async def test_a_large_blob(self, store: BlobStore) -> None:
        data = bytes(range(256)) * 40_000
        await store.put("large", data)
        assert (await store.read("large")).data == data
        assert await store.read_range("large", 9_999_999, 10_000_005) == data[9_999_999:10_000_005]

    # ---------------------------------------------------------------- preconditions

    async def test_create_only_where_there_is_none(self, store: BlobStore) -> None:
        generation = await store.create("a", b"first")
        with pytest.raises(BlobConflict):
            await store.create("a", b"second")
        with pytest.raises(BlobConflict):
            await store.replace("a", b"second", 0)
        assert await store.read("a") == Blob(b"first", generation)

    async def test_replace_zero_creates(self, store: BlobStore) -> None:
        generation = await store.replace("a/b", b"x", 0)
        assert await store.read("a/b") == Blob(b"x", generation)

    async def test_a_stale_generation_is_refused(self, store: BlobStore) -> None:
        first = await store.create("a", b"1")
        second = await store.replace("a", b"2", first)
        for stale in (first, second + 1, 1 << 62):
            with pytest.raises(BlobConflict):
                await store.replace("a", b"3", stale)
            with pytest.raises(BlobConflict):
                await store.delete("a", if_generation=stale)
        assert await store.read("a") == Blob(b"2", second)

    async def test_a_gone_blob_is_not_replaced(self, store: BlobStore) -> None:
        generation = await store.create("a", b"1")
        await store.delete("a", if_generation=generation)
        with pytest.raises(BlobConflict):
            await store.replace("a", b"2", generation)
        with pytest.raises(BlobNotFound):
            await store.read("a")

    async def test_a_generation_never_comes_twice(self, store: BlobStore) -> None:
        seen = [await store.create("a", b"0")]
        for turn in range(30):
            seen.append(await store.replace("a", b"1", seen[-1], durable=False))
            await store.delete("a", if_generation=seen[-1] if turn % 2 else None)
            seen.append(await store.create("a", b"0", durable=False))
        assert seen == sorted(set(seen))

    async def test_of_many_creators_one_wins(self, store: BlobStore) -> None:
        async def create(number: int) -> int | None:
            try:
                return await store.create("new/folder/a", b"%d" % number)
            except BlobConflict:
                return None

        results = await asyncio.gather(*(create(number) for number in range(24)))
        (winner,) = [number for number, generation in enumerate(results) if generation is not None]
        assert await store.read("new/folder/a") == Blob(b"%d" % winner, results[winner] or 0)

    async def test_no_increment_is_lost(self, store: BlobStore) -> None:
        await store.create("counter", b"0")

        async def increment() -> None:
            for _ in range(5):
                while True:
                    blob = await store.read("counter")
                    try:
                        await store.replace("counter", b"%d" % (int(blob.data) + 1), blob.generation, durable=False)
                        break
                    except BlobConflict:
                        pass

        await asyncio.gather(*(increment() for _ in range(10)))
        assert (await store.read("counter")).data == b"50"

    async def test_data_and_generation_are_of_one_version(self, store: BlobStore) -> None:
        written: dict[int, bytes] = {}
        seen: list[Blob] = []
        done = asyncio.Event()
        written[await store.create("a", b"start")] = b"start"

        async def write(writer: int) -> None:
            for turn in range(25):
                data = b"%d %d " % (writer, turn) * (1 + 3_000 * (turn % 3))
                written[await store.put("a", data)] = data

        async def read() -> None:
            while not done.is_set():
                seen.append(await store.read("a"))

        readers = [asyncio.create_task(read()) for _ in range(4)]
        await asyncio.gather(*(write(writer) for writer in range(4)))
        done.set()
        await asyncio.gather(*readers)
        assert len(written) == 101
        assert len({blob.generation for blob in seen}) > 1
        for blob in seen:
            assert written[blob.generation] == blob.data

    # ---------------------------------------------------------------- parts and streams

    async def test_ranges(self, store: BlobStore) -> None:
        await store.put("a", b"0123456789")
        for start, end in ((0, 10), (0, 0), (3, 5), (9, 10), (5, 99), (10, 20), (50, 60), (0, 1 << 62)):
            assert await store.read_range("a", start, end) == b"0123456789"[start:end]
        for start, end in ((-1, 5), (5, 4)):
            with pytest.raises(ValueError, match="range"):
                await store.read_range("a", start, end)

    async def test_open_read_gives_pieces(self, store: BlobStore) -> None:
        await store.put("a", b"0123456789")
        assert [piece async for piece in store.open_read("a", chunk_size=4)] == [b"0123", b"4567", b"89"]
        assert [piece async for piece in store.open_read("a")] == [b"0123456789"]
        with pytest.raises(ValueError, match="chunk_size"):
            await anext(aiter(store.open_read("a", chunk_size=0)))

    async def test_open_read_stays_with_its_version(self, store: BlobStore) -> None:
        await store.put("a", b"old" * 1000)
        stream = aiter(store.open_read("a", chunk_size=100))
        got = [await anext(stream)]
        await store.put("a", b"a new one")
        got.append(await anext(stream))
        await store.delete("a")
        got.extend([piece async for piece in stream])
        assert b"".join(got) == b"old" * 1000

    async def test_a_stream_that_fails_stores_nothing(self, store: BlobStore) -> None:
        async def broken(size: int) -> AsyncIterator[bytes]:
            yield b"x" * size
            raise ConnectionError("the client went away")

        standing = await store.put("there", b"before")
        for size in (10, 3 << 20):
            with pytest.raises(ConnectionError):
                await store.put_stream("a/b", broken(size))
            with pytest.raises(ConnectionError):
                await store.put_stream("there", broken(size))
        assert await names(store, "") == ["there"]
        assert await store.read("there") == Blob(b"before", standing)

    async def test_a_stream_is_unseen_until_it_ends(self, store: BlobStore) -> None:
        more = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            for _ in range(3):
                yield b"x" * (1 << 20)
            await more.wait()
            yield b"end"

        task = asyncio.create_task(store.put_stream("a", slow()))
        await asyncio.sleep(0.05)
        assert await names(store, "") == []
        more.set()
        info = await task
        assert info.size == 3 * (1 << 20) + 3
        assert await store.list("") == [info]
        assert (await store.read("a")).data.endswith(b"xend")

    async def test_a_cancelled_stream_stores_nothing(self, store: BlobStore) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 300_000
                await asyncio.sleep(0)

        task = asyncio.create_task(store.put_stream("a", endless()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await names(store, "") == []

    # ---------------------------------------------------------------- deleting

    async def test_delete(self, store: BlobStore) -> None:
        generation = await store.create(JOB + "a", b"")
        await store.create(JOB + "b/c", b"")
        await store.delete(JOB + "a", if_generation=generation)
        await store.delete(JOB + "b/c")
        with pytest.raises(BlobNotFound):
            await store.delete(JOB + "b/c")
        assert await names(store, "users/") == []
        await store.create(JOB + "b/c", b"again")
        assert await names(store, "users/") == [JOB + "b/c"]

    async def test_of_many_deleters_one_wins(self, store: BlobStore) -> None:
        generation = await store.create("a", b"")

        async def delete() -> bool:
            try:
                await store.delete("a", if_generation=generation)
            except BlobNotFound:
                return False
            return True

        assert sum(await asyncio.gather(*(delete() for _ in range(12)))) == 1
