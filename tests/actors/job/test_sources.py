"""Jobs whose document lies elsewhere: it is fetched at the opening, once, whoever owns the job by then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from actors.job.job_host import JobHost
from actors.render.null_renderer import NullRenderer
from actors.render.protocol import (
    ArrangeAnswer,
    ArrangeRequest,
    AssembleRequest,
    DocumentRef,
    OpenedDocument,
    RenderAnswer,
    RenderRequest,
)
from actors.render.source_fetch import FetchingOpener, SourceFetcher
from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import DocumentError, GnosisError
from cluster.ids import new_job_id
from cluster.marker import Marker, Operation, encode_marker
from cluster.record import FileInfo, JobRecord, JobStatus
from tests.actors.job.host_world import USER, HostWorld, until


@dataclass
class FetchingRenderer:
    """Draws nothing; documents are fetched from ``bucket``. raws: the blobs that pages were asked of."""

    store: MemoryBlobStore
    bucket: MemoryBlobStore = field(default_factory=MemoryBlobStore)
    raws: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._null = NullRenderer(self.store)
        fetcher = SourceFetcher(
            self.store, lambda name: self.bucket, allowed=frozenset({"scans"}), own=None, max_megabytes=1
        )
        self._opener = FetchingOpener(fetcher, self._null)

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        return await self._opener.open(document)

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        self.raws |= {request.document.raw for request in requests}
        return await self._null.render(requests)

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        return await self._null.arrange(requests)

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        return await self._null.assemble(request)


@pytest.fixture
def world() -> HostWorld:
    store = MemoryBlobStore()
    return HostWorld(store=store, renderer=FetchingRenderer(store))


def _renderer(world: HostWorld) -> FetchingRenderer:
    assert isinstance(world.renderer, FetchingRenderer)
    return world.renderer


async def _accept(world: HostWorld, uri: str = "gs://scans/book.pdf") -> Marker:
    job_id = new_job_id()
    prefix = layout.job_prefix(USER, job_id)
    document = FileInfo("book.pdf", "", 0, "", 0)
    marker = Marker(job_id, Operation.RUN, 1, USER, prefix, document, "2026-01-01T00:00:00.000000Z", source_uri=uri)
    await world.store.put(layout.index(USER, job_id), b"")
    await world.store.create(layout.marker(job_id), encode_marker(marker))
    return marker


async def _ended(world: HostWorld, host: JobHost, marker: Marker) -> JobRecord:
    await host.adopt(marker.job_id)
    return await world.ended(marker)


async def test_a_source_is_fetched_and_read(world: HostWorld) -> None:
    await _renderer(world).bucket.put("book.pdf", b"%PDF-1.7 pages 3")
    host = world.host()
    await host.start()
    marker = await _accept(world)
    record = await _ended(world, host, marker)
    assert (record.status, record.source_uri) == (JobStatus.COMPLETED, marker.source_uri)
    assert record.file_info == FileInfo("book.pdf", "pdf", 3, "raw/document.pdf", 16)
    assert _renderer(world).raws == {marker.prefix + "raw/document.pdf"}
    await host.drain()


@pytest.mark.parametrize(
    ("uri", "content", "code"),
    [
        ("gs://scans/none.pdf", b"", "source_not_found"),
        ("gs://other/book.pdf", b"%PDF-", "source_forbidden"),
        ("gs://scans/book.pdf", b"%PDF-" + b"x" * (1 << 20), "file_too_large"),
        ("gs://scans/book.pdf", b"a text", "media_type_unsupported"),
    ],
)
async def test_a_source_that_can_not_be_had_ends_its_job(world: HostWorld, uri: str, content: bytes, code: str) -> None:
    await _renderer(world).bucket.put("book.pdf", content)
    host = world.host()
    await host.start()
    record = await _ended(world, host, await _accept(world, uri))
    assert record.status is JobStatus.FAILED
    assert record.error is not None
    assert record.error.code == code
    assert uri.split("/")[2] in record.error.message
    await host.drain()


async def test_a_failed_fetch_is_made_again_by_a_retry(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await _accept(world)
    assert (await _ended(world, host, marker)).status is JobStatus.FAILED
    await _renderer(world).bucket.put("book.pdf", b"%PDF-1.7 pages 2")
    await world.order(replace(marker, source_uri=(await world.record(marker)).source_uri), Operation.RUN, run=2)
    record = await _ended(world, host, marker)
    assert (record.status, record.run, record.pages_completed) == (JobStatus.COMPLETED, 2, 2)
    await host.drain()


async def test_another_owner_reads_what_the_first_has_fetched(world: HostWorld) -> None:
    await _renderer(world).bucket.put("book.pdf", b"%PDF-1.7 pages 5")
    world.ocr.open_until = 2
    first = world.host()
    await first.start()
    marker = await _accept(world)
    await first.adopt(marker.job_id)
    await until(lambda: world.ocr.waiting > 0)
    await _renderer(world).bucket.delete("book.pdf")
    await first.drain()
    _renderer(world).raws.clear()
    world.ocr.gate.set()
    second = world.host(name="job-host-b-0")
    await second.start()
    record = await _ended(world, second, marker)
    assert (record.status, record.pages_completed) == (JobStatus.COMPLETED, 5)
    assert _renderer(world).raws == {marker.prefix + "raw/document.pdf"}
    await second.drain()
