"""Uploads in parts to Cloud Storage: whole, once, and in bounded memory, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cluster.blobs import google
from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_upload import PART_BYTES
from cluster.blobs.port import Blob, BlobInfo
from cluster.errors import BlobConflict, BlobCorrupt, BlobError, BlobForbidden, BlobUnavailable
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.faults import FaultKind
from tests.cloud_storage.objects import Content
from tests.cloud_storage.remote import double_process
from tests.cloud_storage.upload_sessions import CHUNK_MULTIPLE, UploadSession
from tests.cluster.blobs.contract import pieces
from tests.cluster.blobs.contract_listing import names

SMALL_PART = 2 * CHUNK_MULTIPLE
DATA = bytes(range(256)) * (3 * SMALL_PART // 256) + b"the end"  # four parts


@pytest.fixture
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "PART_BYTES", SMALL_PART)


small_parts = pytest.mark.usefixtures("_small_parts")


def in_chunks(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    return pieces(*(data[start : start + size] for start in range(0, len(data), size)))


@pytest.mark.parametrize(
    ("size", "operations"),
    [
        (PART_BYTES, {"upload": 1}),
        (PART_BYTES + 1, {"start": 1, "chunk": 2}),
        (2 * PART_BYTES, {"start": 1, "chunk": 2}),
        (2 * PART_BYTES + 1, {"start": 1, "chunk": 3}),
    ],
)
async def test_sizes_around_a_part(
    store: GoogleBlobStore, cloud: CloudDouble, size: int, operations: dict[str, int]
) -> None:
    data = b"xyz" * (size // 3 + 1)
    info = await store.put_stream("a", in_chunks(data[:size], 1_000_000))
    assert cloud.operations == operations
    assert (info.size, await store.read("a")) == (size, Blob(data[:size], info.generation))
    assert await store.list("") == [info]


@pytest.mark.parametrize("write", [GoogleBlobStore.put, GoogleBlobStore.create])
async def test_large_contents_go_in_parts_as_well(
    store: GoogleBlobStore, cloud: CloudDouble, write: Callable[..., Any]
) -> None:
    data = b"x" * (PART_BYTES + 5)
    generation = await write(store, "a", data)
    assert await store.read("a") == Blob(data, generation)
    assert cloud.operations["chunk"] == 2


@small_parts
@pytest.mark.parametrize("position", range(4))
@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.UNAVAILABLE,
        FaultKind.LOST_ANSWER,
        FaultKind.RESET_BEFORE,
        FaultKind.RESET_AFTER,
        FaultKind.TRUNCATED,
        FaultKind.PARTIAL,
    ],
)
async def test_a_part_that_failed_is_taken_up_where_it_was_left(
    store: GoogleBlobStore, cloud: CloudDouble, kind: FaultKind, position: int
) -> None:
    cloud.fail("chunk", "a", kind, skip=position)
    info = await store.put_stream("a", in_chunks(DATA))
    assert info.size == len(DATA)
    assert await store.read("a") == Blob(DATA, info.generation)
    assert cloud.limit.counts["bucket/a"].written == 1


@small_parts
async def test_many_faults_on_one_upload(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    cloud.fail("start", "a", FaultKind.LOST_ANSWER)
    cloud.fail("chunk", "a", FaultKind.THROTTLED)
    cloud.fail("chunk", "a", FaultKind.PARTIAL)
    cloud.fail("chunk", "a", FaultKind.RESET_AFTER, skip=1)
    cloud.fail("question", "a", FaultKind.UNAVAILABLE)
    cloud.fail("chunk", "a", FaultKind.LOST_ANSWER, skip=3)
    info = await store.put_stream("a", in_chunks(DATA))
    assert await store.read("a") == Blob(DATA, info.generation)
    assert cloud.limit.counts["bucket/a"].written == 1


@small_parts
@pytest.mark.parametrize(
    ("operation", "kind", "error"),
    [
        ("start", FaultKind.UNAVAILABLE, BlobUnavailable),
        ("start", FaultKind.FORBIDDEN, BlobForbidden),
        ("chunk", FaultKind.UNAVAILABLE, BlobUnavailable),
        ("chunk", FaultKind.RESET_BEFORE, BlobUnavailable),
        ("chunk", FaultKind.FORBIDDEN, BlobForbidden),
    ],
)
async def test_an_upload_that_fails_for_good_leaves_nothing(
    hasty: GoogleBlobStore, cloud: CloudDouble, operation: str, kind: FaultKind, error: type[BlobError]
) -> None:
    standing = await hasty.put("a", b"before")
    cloud.fail(operation, "a", kind, None, skip=1 if operation == "chunk" else 0)
    with pytest.raises(error) as caught:
        await hasty.put_stream("a", in_chunks(DATA))
    assert type(caught.value) is error
    assert await hasty.read("a") == Blob(b"before", standing)
    assert len(cloud.sessions) == 0


@small_parts
async def test_an_upload_whose_session_is_gone(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield DATA[: SMALL_PART + 1]
        for number in (1, 2, 3):
            if len(cloud.sessions):
                cloud.sessions.give_up(f"upload-{number}")
        yield DATA[SMALL_PART + 1 :]

    with pytest.raises(BlobUnavailable):
        await store.put_stream("a", chunks())
    assert await names(store, "") == []


@small_parts
async def test_a_source_that_fails_in_the_middle_leaves_nothing(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield DATA
        raise ConnectionError("the client went away")

    with pytest.raises(ConnectionError):
        await store.put_stream("a", broken())
    assert cloud.operations["chunk"] > 1
    assert len(cloud.sessions) == 0
    assert await names(store, "") == []


@small_parts
async def test_a_cancelled_upload_is_given_up(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    waiting = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        yield DATA
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(store.put_stream("a", stuck()))
    await waiting.wait()
    assert len(cloud.sessions) == 1
    assert await names(store, "") == []
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(cloud.sessions) == 0


@small_parts
async def test_a_conflict_is_told_at_the_beginning_or_at_the_end(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    standing = await store.put("a", b"before")
    with pytest.raises(BlobConflict):
        await store.create("a", DATA)
    assert cloud.operations["chunk"] == 0
    cloud.fail("chunk", "a", FaultKind.SLOW, seconds=0.3)
    task = asyncio.create_task(store.replace("a", DATA, standing))
    await asyncio.sleep(0.15)
    cloud.buckets["bucket"].put("a", Content(b"faster"), None)
    with pytest.raises(BlobConflict):
        await task
    assert (await store.read("a")).data == b"faster"


async def test_what_was_stored_otherwise_than_sent_is_removed(
    store: GoogleBlobStore, cloud: CloudDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = UploadSession._finish

    def spoil(session: UploadSession) -> Any:
        session.received[0] ^= 1
        session.declared = ""  # as if the service had not looked
        return real(session)

    monkeypatch.setattr(UploadSession, "_finish", spoil)
    with pytest.raises(BlobCorrupt):
        await store.put_stream("a", in_chunks(b"x" * (PART_BYTES + 1)))
    assert await names(store, "") == []


async def test_memory_does_not_grow_with_the_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    total, chunk = 96 << 20, 64 << 10

    async def long() -> AsyncIterator[bytes]:
        for _ in range(total // chunk):
            yield bytes(chunk)

    with double_process() as double:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", double.url)
        store = GoogleBlobStore(GoogleAddress("bucket", ""))
        tracemalloc.start()
        try:
            info: BlobInfo = await store.put_stream("a", long())
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            read = 0
            async for piece in store.open_read("a"):
                read += len(piece)
            _, peak_of_reading = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        await store.close()
    assert info.size == read == total
    assert peak < 4 * PART_BYTES
    assert peak_of_reading < 3 * PART_BYTES
