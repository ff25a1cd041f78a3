"""What the tests of the HTTP side are made of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from cluster import layout
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.ids import new_job_id
from cluster.marker import Marker, Operation, encode_marker
from cluster.meter import Meter
from cluster.page_text import PageResult, PageText, encode_result
from cluster.record import FileInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step, Tombstone, encode
from cluster.settings import Settings
from serve_app.app import create_app
from serve_app.fake_gateway import FakeGateway
from serve_app.identity import ANONYMOUS
from serve_app.key_file import change_keys, entry_of
from serve_app.limits import UNLIMITED, Limits
from serve_app.usage import Usage
from serve_app.usage_count import UsageCount

PDF = b"%PDF-1.7\n" + b"a page, " * 50 + b"\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels" * 20
BOUNDARY = "boundary-of-the-test"
CREATED = "2026-01-01T00:00:00.000000Z"


@dataclass(frozen=True)
class Server:
    """A whole HTTP side over a store in memory."""

    app: Starlette
    store: MemoryBlobStore
    gateway: FakeGateway
    clock: ManualClock
    client: httpx.AsyncClient
    usage: UsageCount

    async def names(self, prefix: str = "") -> list[str]:
        return [blob.name for blob in await self.store.list(prefix, limit=10_000)]

    async def save(self, record: JobRecord | Tombstone, email: str = ANONYMOUS) -> None:
        await self.store.put(layout.record(layout.job_prefix(email, record.job_id)), encode(record))

    async def mark(self, marker: Marker) -> None:
        await self.store.put(layout.marker(marker.job_id), encode_marker(marker))

    async def save_result(self, job_id: str, page: int, text: str) -> None:
        result = PageResult(
            job_id=job_id,
            page=page,
            run=1,
            epoch=1,
            attempts=1,
            width=612,
            height=792,
            image=layout.page_image_file(page),
            image_width=1275,
            image_height=1650,
            read=PageText(text, engine="null", engine_version="1", confidence=0.9),
        )
        name = layout.page_result(layout.job_prefix(ANONYMOUS, job_id), page)
        await self.store.create(name, encode_result(result))


def server(
    *,
    store: MemoryBlobStore | None = None,
    usage: Usage | None = None,
    clock: ManualClock | None = None,
    meter: Meter | None = None,
    **settings: Any,
) -> Server:
    """usage: counts what the users of a keyed server take up; default: a count of this store. meter: of the app."""
    store = MemoryBlobStore() if store is None else store
    clock = clock or ManualClock()
    count = UsageCount(store, clock)
    gateway = FakeGateway(clock)
    frozen = Settings(store="memory://", **settings)
    app = create_app(
        store=store,
        gateway=gateway,
        settings=frozen,
        clock=clock,
        version="1.2.3",
        usage=usage or count,
        meter=meter,
    )
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
    return Server(app, store, gateway, clock, client, count)


ANNA, BERT = "anna@example.org", "bert@example.org"


def keyed_server(folder: Path, *, anna: Limits = UNLIMITED, bert: Limits = UNLIMITED, **settings: Any) -> Server:
    """A server with a key for each of two users, see ``as_user``."""
    path = folder / "keys.json"
    entries = tuple(entry_of(f"key of {email}", email, limits, "") for email, limits in ((ANNA, anna), (BERT, bert)))
    change_keys(path, lambda held: entries)
    return server(api_keys_file=path, **settings)


def as_user(email: str) -> dict[str, str]:
    return {"Authorization": f"Bearer key of {email}"}


def job_record(job_id: str | None = None, **changes: Any) -> JobRecord:
    """A job of three pages that is being read, one page done."""
    job_id = job_id or new_job_id()
    pages = {
        1: PageRecord(status=PageStatus.COMPLETED, image="page_001.png", result_file="page_001_result.txt"),
        2: PageRecord(status=PageStatus.PROCESSING, image="page_002.png"),
        3: PageRecord(),
    }
    record = JobRecord(
        job_id=job_id,
        session_id=job_id,
        status=JobStatus.PROCESSING,
        current_step=Step.OCR_PROCESSING,
        message="Reading.",
        percent=50,
        file_info=FileInfo("scan.pdf", "pdf", 3, "raw/document.pdf", 400),
        user_email=ANONYMOUS,
        created_at=CREATED,
        updated_at=CREATED,
        pages=pages,
        owner="c/h/1/x",
        epoch=1,
        revision=4,
        options={"mode": "auto", "pages": None, "dpi": 150, "session_id": None},
    )
    return replace(record, **changes)


def ended(record: JobRecord, status: JobStatus = JobStatus.COMPLETED, **changes: Any) -> JobRecord:
    step = {JobStatus.CANCELLED: Step.CANCELLED, JobStatus.FAILED: Step.OCR_FAILED}.get(status, Step.COMPLETED)
    return replace(record, status=status, current_step=step, owner="", revision=record.revision + 1, **changes)


def job_marker(job_id: str | None = None, **changes: Any) -> Marker:
    job_id = job_id or new_job_id()
    marker = Marker(
        job_id=job_id,
        operation=Operation.RUN,
        run=1,
        user_email=ANONYMOUS,
        prefix=layout.job_prefix(ANONYMOUS, job_id),
        document=FileInfo("scan.pdf", "pdf", 0, "raw/document.pdf", 400),
        created_at=CREATED,
        options={"mode": "auto", "pages": None, "dpi": 150, "session_id": None},
    )
    return replace(marker, **changes)


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + content + b"\r\n"


def form(*parts_: bytes, end: bool = True) -> bytes:
    return b"".join(parts_) + (f"--{BOUNDARY}--\r\n".encode() if end else b"")


FORM_HEADERS: Mapping[str, str] = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


async def stream(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """A body without Content-Length."""
    for piece in pieces:
        yield piece
