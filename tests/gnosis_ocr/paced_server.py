"""The real HTTP side on a socket, over a host that reads page after page, each when the test lets it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import SystemClock
from cluster.errors import BlobNotFound
from cluster.ids import new_job_id
from cluster.marker import Marker, decode_marker, queued_record
from cluster.page_text import PageResult, PageText, encode_result
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus, Step, decode, encode
from cluster.settings import load_settings
from serve_app.app import create_app
from serve_app.fake_gateway import FakeGateway
from serve_app.gateway import StoredRecord
from tests.serve_app.obedient_host import ObedientHost
from tests.served_app import served

PAGES = 3
PDF = b"%PDF-1.7\n" + b"a page, " * 50 + b"\n%%EOF\n"


def text_of(page: int) -> str:
    return f"Seite {page}: Größe “{page}”\n"


class PacedHost(ObedientHost):
    """Orders are carried out at once. allowed: how many pages of each job may be read."""

    def __init__(self, store: MemoryBlobStore, gateway: FakeGateway, pace: Pace) -> None:
        super().__init__(store)
        self._gateway = gateway
        self._pace = pace
        self._reading: dict[str, asyncio.Task[None]] = {}

    async def adopt(self, job_id: str) -> None:
        self._reading[job_id] = asyncio.create_task(self._read_slowly(job_id))

    async def resume(self, job_id: str) -> None:
        """Goes on with a job that a server before this one has left."""
        if job_id in self._reading:
            return
        try:
            await self._store.read(layout.marker(job_id))
        except BlobNotFound:
            return
        await self.adopt(job_id)

    async def notify(self, job_id: str) -> None:
        if task := self._reading.pop(job_id, None):
            task.cancel()
            await self._skip_the_rest(job_id)
        await super().notify(job_id)
        self._gateway.forget(job_id)

    async def _skip_the_rest(self, job_id: str) -> None:
        marker = decode_marker((await self._store.read(layout.marker(job_id))).data)
        record = await self._begun(marker)
        skipped = PageRecord(status=PageStatus.SKIPPED)
        pages = {
            number: skipped if page.status is PageStatus.PENDING else page for number, page in record.pages.items()
        }
        await self._store.put(layout.record(marker.prefix), encode(replace(record, pages=pages)))

    async def _read_slowly(self, job_id: str) -> None:
        marker = decode_marker((await self._store.read(layout.marker(job_id))).data)
        record = await self._begun(marker)
        await self._save(record, marker.prefix)
        for page in sorted(number for number, each in record.pages.items() if each.status is PageStatus.PENDING):
            while self._pace.allowed < page:
                await asyncio.sleep(0.01)
            await self._store.create(layout.page_result(marker.prefix, page), encode_result(_result(job_id, page)))
            done = {**record.pages, page: PageRecord(status=PageStatus.COMPLETED, run=1)}
            record = replace(record, pages=done, pages_completed=page, revision=record.revision + 1)
            await self._save(record, marker.prefix)
        await self._store.put(marker.prefix + "result-1-1.md", "".join(map(text_of, record.pages)).encode())
        outputs = {"md": "result-1-1.md"}
        ended = replace(
            record, status=JobStatus.COMPLETED, current_step=Step.COMPLETED, percent=100, owner="", outputs=outputs
        )
        await self._save(replace(ended, revision=record.revision + 1), marker.prefix)
        await self._store.delete(layout.marker(job_id))

    async def _begun(self, marker: Marker) -> JobRecord:
        """The record as it was left, or the first one."""
        try:
            stored = decode((await self._store.read(layout.record(marker.prefix))).data)
        except BlobNotFound:
            pages = dict.fromkeys(range(1, PAGES + 1), PageRecord())
            queued = queued_record(marker)
            return replace(queued, status=JobStatus.PROCESSING, pages=pages, epoch=1, owner="c/h/1/x")
        assert isinstance(stored, JobRecord)
        return replace(stored, epoch=stored.epoch + 1)

    async def _save(self, record: JobRecord, prefix: str) -> None:
        await self._store.put(layout.record(prefix), encode(record))
        self._gateway.show(record)


class _Gateway(FakeGateway):
    """Whoever asks for a job has it taken up."""

    host: PacedHost

    async def status(self, job_id: str) -> StoredRecord | None:
        await self.host.resume(job_id)
        return await super().status(job_id)


def _result(job_id: str, page: int) -> PageResult:
    read = PageText(text_of(page), engine="null", engine_version="1", confidence=0.9)
    return PageResult(job_id, page, 1, 1, 1, 612, 792, layout.page_image_file(page), 1275, 1650, read)


@dataclass
class Pace:
    """allowed: how many pages of each job may be read by now."""

    allowed: int = PAGES


@dataclass
class PacedServer:
    """A server that can be stopped and started again on the same store."""

    settings: dict[str, Any] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    store: MemoryBlobStore = field(default_factory=MemoryBlobStore)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Its URL, another one each time."""
        clock = SystemClock()
        gateway = _Gateway(clock)
        gateway.host = host = PacedHost(self.store, gateway, self.pace)
        gateway.on_adopt, gateway.on_notify = host.adopt, host.notify
        settings = load_settings(store="memory://", **self.settings)
        app = create_app(store=self.store, gateway=gateway, settings=settings, clock=clock, version="1.2.3")
        with served(app) as url:
            yield url


class WayThere(httpx.HTTPTransport):
    """Leads to wherever the server is now, and breaks answers of events where a test wants it.

    cuts: after how many bytes each next stream breaks.
    """

    def __init__(self, cuts: list[int] | None = None) -> None:
        super().__init__()
        self.url = ""
        self.cuts = cuts or []
        self.streams = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=httpx.URL(self.url).port)
        answer = super().handle_request(request)
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            self.streams += 1
            if self.cuts:
                assert isinstance(answer.stream, httpx.SyncByteStream)
                answer.stream = _Cut(answer.stream, self.cuts.pop(0))
        return answer


class _Cut(httpx.SyncByteStream):
    def __init__(self, whole: httpx.SyncByteStream, after: int) -> None:
        self._whole = whole
        self._left = after

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._whole:
            yield piece[: self._left]
            self._left -= len(piece)
            if self._left <= 0:
                raise httpx.ReadError("cut")

    def close(self) -> None:
        self._whole.close()


UNKNOWN_JOB = new_job_id()
