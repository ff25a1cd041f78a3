"""The blob store on Cloud Storage: the contract, through the real client and a socket, and what is its own."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from cluster.blobs.google import READ_BYTES, GoogleBlobStore
from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.google_calls import THREADS
from cluster.blobs.port import Blob
from cluster.errors import BlobNotFound, BlobStoreMissing, BlobUnavailable
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.faults import FaultKind
from tests.cloud_storage.objects import Content
from tests.cloud_storage.server import CloudServer
from tests.cluster.blobs.contract import BlobStoreContract, pieces
from tests.cluster.blobs.contract_listing import names


class TestGoogleContract(BlobStoreContract):
    pass


@pytest.fixture
async def inner(cloud: CloudDouble) -> AsyncIterator[GoogleBlobStore]:
    """A store under a prefix of the same bucket."""
    store = GoogleBlobStore(GoogleAddress("bucket", "our/place/"))
    yield store
    await store.close()


def stored(cloud: CloudDouble) -> list[str]:
    return [found.name for found in cloud.buckets["bucket"].list("", "", 1000)[0]]


async def test_a_store_under_a_prefix_sees_only_what_is_its_own(
    store: GoogleBlobStore, inner: GoogleBlobStore, cloud: CloudDouble
) -> None:
    generation = await inner.create("a/b", b"mine")
    for name in ("our/place2/a", "our/pla", "zz", "a/b"):
        await store.put(name, b"others'")
    await inner.put_stream("a/c", pieces(b"mine"))
    assert stored(cloud) == ["a/b", "our/pla", "our/place/a/b", "our/place/a/c", "our/place2/a", "zz"]
    assert await names(inner, "") == ["a/b", "a/c"]
    assert await names(inner, "a/", "a/b\0") == ["a/c"]
    assert await inner.read("a/b") == Blob(b"mine", generation)
    assert await inner.read_range("a/c", 1, 3) == b"in"
    await inner.delete("a/b", generation)
    with pytest.raises(BlobNotFound):
        await inner.delete("a/b")
    assert await names(store, "a/") == ["a/b"]
    with pytest.raises(ValueError, match="prefix"):
        await inner.create("/".join(["x" * 204] * 5), b"")


async def test_reads_and_writes_are_one_request_each(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    generation = await store.create("a", b"x" * 100_000)
    await store.replace("a", b"y" * 100_000, generation)
    await store.put_stream("a", pieces(b"z" * 50_000, b"z" * 50_000))
    assert cloud.operations == {"upload": 3}
    await store.read("a")
    await store.read_range("a", 5, 10)
    assert b"".join([piece async for piece in store.open_read("a", 1000)]) == b"z" * 100_000
    await store.list("")
    await store.delete("a")
    assert cloud.operations == {"upload": 3, "download": 3, "list": 1, "delete": 1}


async def test_a_list_of_more_than_the_cloud_gives_at_once(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    expected = [f"a/{number:04}" for number in range(2100)]
    for name in expected:
        cloud.buckets["bucket"].put(name, Content(b""), None)
    assert await names(store, "a/", limit=5000) == expected
    assert cloud.operations == {"list": 3}
    assert await names(store, "a/", "a/0999", limit=1001) == expected[999:2000]
    assert await names(store, "a/", limit=3) == expected[:3]
    assert await names(store, "a/", "a/0002\0", limit=2) == ["a/0003", "a/0004"]
    assert cloud.operations == {"list": 7}


async def test_what_is_no_blob_of_ours_is_passed_over(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    for name in ("a/", "a//b", ".hidden", "a/../b", "x/" + "y" * 300):
        cloud.buckets["bucket"].put(name, Content(b""), None)
    await store.put("a/b", b"")
    await store.put("b", b"")
    assert await names(store, "", limit=2) == ["a/b", "b"]


async def test_contents_are_read_as_they_are_stored(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    packed = gzip.compress(b"plain" * 100)
    cloud.buckets["bucket"].put("a", Content(packed, content_encoding="gzip"), None)
    assert (await store.read("a")).data == packed
    assert await store.read_range("a", 2, 9) == packed[2:9]
    assert b"".join([piece async for piece in store.open_read("a")]) == packed


async def test_calls_at_once_and_connections_are_bounded(store: GoogleBlobStore, cloud_server: CloudServer) -> None:
    cloud = cloud_server.cloud
    await store.put("a", b"x")
    cloud.fail("download", "a", FaultKind.SLOW, None, seconds=0.1)
    await asyncio.gather(*(store.read("a") for _ in range(5 * THREADS)))
    assert THREADS // 4 < cloud.most_at_once <= THREADS
    assert cloud_server.connections <= THREADS
    assert getattr(asyncio.get_running_loop(), "_default_executor", None) is None


async def test_a_stream_asks_for_one_stretch_after_the_other(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    data = bytes(range(256)) * (READ_BYTES // 256) * 2 + b"end"
    cloud.buckets["bucket"].put("a", Content(data), None)
    stream = aiter(store.open_read("a", 1 << 20))
    got = [await anext(stream)]
    assert cloud.operations == {"download": 1}
    got.extend([piece async for piece in stream])
    assert [len(piece) for piece in got] == [1 << 20] * 8 + [3]
    assert b"".join(got) == data
    assert cloud.operations == {"download": 3}


async def test_a_stream_that_ends_with_a_stretch(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    data = b"x" * READ_BYTES
    cloud.buckets["bucket"].put("a", Content(data), None)
    assert b"".join([piece async for piece in store.open_read("a", READ_BYTES)]) == data


async def test_a_stream_never_mixes_versions(store: GoogleBlobStore, cloud: CloudDouble) -> None:
    cloud.buckets["bucket"].put("a", Content(b"x" * (READ_BYTES + 1)), None)
    stream = aiter(store.open_read("a", READ_BYTES))
    assert await anext(stream) == b"x" * READ_BYTES
    cloud.buckets["bucket"].put("a", Content(b"y" * (READ_BYTES + 1)), None)
    with pytest.raises(BlobUnavailable, match="replaced"):
        await anext(stream)


async def test_a_missing_bucket(cloud: CloudDouble) -> None:
    store = GoogleBlobStore(GoogleAddress("elsewhere", ""))
    for call in (
        store.create("a", b""),
        store.replace("a", b"", 5),
        store.put("a", b""),
        store.put_stream("a", pieces(b"x" * (9 << 20))),
        store.list(""),
    ):
        with pytest.raises(BlobStoreMissing, match="bucket does not exist"):
            await call
    with pytest.raises(BlobNotFound):
        await store.read("a")
    await store.close()
