"""Documents in buckets of Cloud Storage's double: fetched once into the job's folder, or refused with a code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from actors.render.call_limits import CallLimits
from actors.render.null_renderer import NullRenderer
from actors.render.protocol import DocumentRef, OpenedDocument
from actors.render.source_fetch import FetchingOpener, SourceFetcher
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.google import GoogleBlobStore
from cluster.blobs.google_address import GoogleAddress
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.open import open_bucket
from cluster.errors import (
    BlobUnavailable,
    DocumentError,
    SourceForbidden,
    SourceNotFound,
    SourceTooLarge,
    SourceUnsupported,
    StartupError,
)
from cluster.record import FetchedFile
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.faults import FaultKind as CloudFaultKind
from tests.cloud_storage.server import CloudServer, running_double

PREFIX = layout.job_prefix("ada@example.org", "0197a3c0-0000-7000-8000-000000000001")
DOCUMENT = DocumentRef("0197a3c0-0000-7000-8000-000000000001", PREFIX, PREFIX, "", 5000)
PDF = b"%PDF-1.7 pages 3\n" + b"x" * 9_000_000
FETCHED = FetchedFile("raw/document.pdf", "pdf", len(PDF))


def _at(uri: str) -> DocumentRef:
    return replace(DOCUMENT, source_uri=uri)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudServer]:
    """Several buckets: the store's own, two that may be read, and one that may not."""
    with running_double(CloudDouble(("ours", "scans", "letters", "secrets"), enforce_limit=False)) as server:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield server


@pytest.fixture
def store() -> MemoryBlobStore:
    return MemoryBlobStore()


@pytest.fixture
async def fetcher(cloud: CloudServer, store: MemoryBlobStore) -> AsyncIterator[SourceFetcher]:
    allowed = frozenset({"scans", "letters", "ours", "missing"})
    made = SourceFetcher(store, open_bucket, allowed=allowed, own="ours", max_megabytes=10)
    yield made
    await made.close()


async def _put(bucket: str, name: str, data: bytes) -> None:
    other = GoogleBlobStore(GoogleAddress(bucket, ""))
    await other.put(name, data)
    await other.close()


async def _refusal(fetcher: SourceFetcher, uri: str) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        await fetcher.fetch(_at(uri))
    return caught.value


async def test_a_document_is_fetched_once(cloud: CloudServer, store: MemoryBlobStore, fetcher: SourceFetcher) -> None:
    await _put("scans", "folder/a.pdf", PDF)
    await _put("letters", "b", b"\x89PNG\r\n\x1a\n")
    document = _at("gs://scans/folder/a.pdf")
    assert await fetcher.fetch(document) == FETCHED
    assert (await store.read(PREFIX + "raw/document.pdf")).data == PDF
    before = cloud.cloud.operations.total()
    await _put("scans", "folder/a.pdf", b"%PDF-another")
    assert await fetcher.fetch(document) == FETCHED, "what the job has it keeps"
    assert cloud.cloud.operations.total() == before + 1
    assert (await store.read(PREFIX + "raw/document.pdf")).data == PDF


async def test_opening_fetches_first(fetcher: SourceFetcher, cloud: CloudServer, store: MemoryBlobStore) -> None:
    await _put("scans", "a.pdf", PDF)
    opener = FetchingOpener(fetcher, NullRenderer(store))
    assert await opener.open(_at("gs://scans/a.pdf")) == OpenedDocument(3, FETCHED)
    refused = await opener.open(replace(_at("gs://scans/a.pdf"), max_pages=2))
    assert isinstance(refused, DocumentError)
    assert refused.code == "too_many_pages"
    await store.put(PREFIX + "raw/document.pdf", b"%PDF- pages 2")
    lying = replace(DOCUMENT, raw=PREFIX + "raw/document.pdf")
    assert await opener.open(lying) == OpenedDocument(2)


@pytest.mark.parametrize("uri", ["gs://secrets/a.pdf", "gs://ours/a.pdf", "gs://OURS/a.pdf", "gs://ours./a.pdf"])
async def test_a_bucket_that_may_not_be_read(cloud: CloudServer, fetcher: SourceFetcher, uri: str) -> None:
    await _put("ours", "a.pdf", PDF)
    await _put("secrets", "a.pdf", PDF)
    before = cloud.cloud.operations.total()
    refused = await _refusal(fetcher, uri)
    assert (type(refused), refused.code) == (SourceForbidden, "source_forbidden")
    assert cloud.cloud.operations.total() == before, "it was not even asked"


@pytest.mark.parametrize("uri", ["gs://scans/a.pdf", "gs://missing/a.pdf", "gs://scans/a.pdf%00", "nonsense"])
async def test_a_document_that_is_not_there(store: MemoryBlobStore, fetcher: SourceFetcher, uri: str) -> None:
    refused = await _refusal(fetcher, uri)
    assert (type(refused), refused.code) == (SourceNotFound, "source_not_found")
    assert uri in refused.detail
    assert not store.writes


async def test_a_document_above_the_limit(cloud: CloudServer, store: MemoryBlobStore, fetcher: SourceFetcher) -> None:
    await _put("scans", "a.pdf", b"%PDF-" + b"x" * (10 << 20))
    refused = await _refusal(fetcher, "gs://scans/a.pdf")
    assert (type(refused), refused.code) == (SourceTooLarge, "file_too_large")
    assert "10 MB" in refused.detail
    assert not store.writes


async def test_a_document_above_its_users_own_limit(cloud: CloudServer, fetcher: SourceFetcher) -> None:
    await _put("scans", "a.pdf", PDF)
    with pytest.raises(SourceTooLarge, match="larger than 2 MB"):
        await fetcher.fetch(replace(_at("gs://scans/a.pdf"), source_limit=2 << 20))
    assert await fetcher.fetch(replace(_at("gs://scans/a.pdf"), source_limit=1 << 30)) == FETCHED


@pytest.mark.parametrize("data", [b"", b"plain text", b"x" * 3_000_000 + b"%PDF-"])
async def test_content_of_no_accepted_kind(
    cloud: CloudServer, store: MemoryBlobStore, fetcher: SourceFetcher, data: bytes
) -> None:
    await _put("scans", "a.pdf", data)
    refused = await _refusal(fetcher, "gs://scans/a.pdf")
    assert (type(refused), refused.code) == (SourceUnsupported, "media_type_unsupported")
    assert not store.writes


async def test_what_the_credentials_may_not_read(cloud: CloudServer, fetcher: SourceFetcher) -> None:
    await _put("scans", "a.pdf", PDF)
    cloud.cloud.fail("*", "*", CloudFaultKind.FORBIDDEN, None)
    refused = await _refusal(fetcher, "gs://scans/a.pdf")
    assert (type(refused), "credentials" in refused.detail) == (SourceForbidden, True)


async def test_a_server_without_credentials(store: MemoryBlobStore) -> None:
    def open_none(bucket: str) -> GoogleBlobStore:
        raise StartupError("no usable Google credentials were found.")

    fetcher = SourceFetcher(store, open_none, allowed=frozenset({"scans"}), own=None, max_megabytes=10)
    refused = await _refusal(fetcher, "gs://scans/a.pdf")
    assert (type(refused), "no usable Google credentials" in refused.detail) == (SourceForbidden, True)


async def test_a_store_of_ours_that_fails_is_no_fault_of_the_document(
    cloud: CloudServer, store: MemoryBlobStore, fetcher: SourceFetcher
) -> None:
    await _put("scans", "a.pdf", PDF)
    for operation in ("list", "put_stream"):
        store.fail(operation, "*", FaultKind.UNAVAILABLE)
        with pytest.raises(BlobUnavailable):
            await fetcher.fetch(_at("gs://scans/a.pdf"))
    assert await fetcher.fetch(_at("gs://scans/a.pdf")) == FETCHED


async def test_a_fetch_takes_no_longer_than_a_call_may(store: MemoryBlobStore) -> None:
    bucket = MemoryBlobStore()
    await bucket.put("a.pdf", PDF)
    slow = bucket.fail("open_read", "*", FaultKind.SLOW)
    fetcher = SourceFetcher(
        store,
        lambda name: bucket,
        allowed=frozenset({"scans"}),
        own=None,
        max_megabytes=10,
        limits=CallLimits(fetch_s=0.05),
    )
    with pytest.raises(BlobUnavailable, match="not fetched within"):
        await fetcher.fetch(_at("gs://scans/a.pdf"))
    slow.gate.set()
    await asyncio.sleep(0.01)
    assert not store.writes
    assert CallLimits(fetch_s=1000).writes_s >= 1000
