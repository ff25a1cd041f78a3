"""A server of canned answers on a free loopback port: HTTP for real, and no cluster behind it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cluster.record import ErrorInfo, FileInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step, encode
from tests.served_app import served

JOB_ID = "0198a000-0000-7000-8000-000000000001"

QUEUED = JobRecord(
    job_id=JOB_ID,
    session_id=JOB_ID,
    status=JobStatus.QUEUED,
    current_step=Step.QUEUED,
    message="Waiting.",
    percent=0,
    file_info=FileInfo("scan.pdf", "pdf", 0, "raw/document.pdf", 12),
    user_email="anonymous@gnosis-ocr.local",
    created_at="2026-01-01T00:00:00.000000Z",
    updated_at="2026-01-01T00:00:00.000000Z",
    epoch=1,
)
_PENDING, _DONE = PageRecord(), PageRecord(PageStatus.COMPLETED)
_BAD = PageRecord(PageStatus.FAILED, error=ErrorInfo("render_failed", "The page could not be rendered."))

EXTRACTING = replace(
    QUEUED, status=JobStatus.EXTRACTING, pages={1: _PENDING, 2: _PENDING}, pages_extracted=1, percent=25, revision=1
)
PROCESSING = replace(
    EXTRACTING, status=JobStatus.PROCESSING, pages={1: _DONE, 2: _PENDING}, pages_completed=1, percent=65, revision=2
)
COMPLETED = replace(
    PROCESSING,
    status=JobStatus.COMPLETED,
    current_step=Step.COMPLETED,
    pages={1: _DONE, 2: _DONE},
    pages_extracted=2,
    pages_completed=2,
    percent=100,
    revision=3,
    outputs={"md": "result-1-1.md", "txt": "result-1-1.txt"},
)
PARTIAL = replace(COMPLETED, status=JobStatus.PARTIAL, pages={1: _DONE, 2: _BAD}, pages_completed=1, pages_failed=1)
FAILED = replace(
    QUEUED,
    status=JobStatus.FAILED,
    current_step=Step.EXTRACTION_FAILED,
    revision=1,
    error=ErrorInfo("document_encrypted", "The document is encrypted; send its `password`."),
)


@dataclass
class CannedServer:
    """versions: the record's, in order; a held request for the next one gets it, and 304 past the last.

    refusals: answers to the next submissions, before one is accepted. refuses_early: without
    reading the body. hold_s: how long a request is held past the last
    version. accept_s: how long an accepted submission waits for its answer.
    """

    versions: list[JobRecord] = field(default_factory=lambda: [QUEUED])
    refusals: list[Response] = field(default_factory=list)
    result: Response = field(default_factory=lambda: Response(b"# Page 1\n"))
    refuses_early: bool = False
    hold_s: float = 0.2
    accept_s: float = 0.0
    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    submitted: threading.Event = field(default_factory=threading.Event)
    followed: threading.Event = field(default_factory=threading.Event)
    _shown: int = 0

    @property
    def cancelled(self) -> bool:
        return f"POST /api/jobs/{JOB_ID}/cancel" in self.asked

    async def alive(self, request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def info(self, request: Request) -> Response:
        return problem(404, "not_found", "There is nothing at this address.")

    async def submit(self, request: Request) -> Response:
        self._note(request)
        if self.refuses_early:
            return self.refusals.pop(0)
        self.bodies.append(await request.body())
        self.submitted.set()
        if self.refusals:
            return self.refusals.pop(0)
        await asyncio.sleep(self.accept_s)
        return self._record(202)

    async def status(self, request: Request) -> Response:
        self._note(request)
        if request.path_params["job_id"] != JOB_ID:
            return problem(404, "job_not_found", "There is no such job.")
        if request.headers.get("if-none-match") == self.versions[self._shown].etag:
            self.followed.set()
            if self._shown + 1 == len(self.versions):
                await asyncio.sleep(self.hold_s)
                return Response(status_code=304)
            self._shown += 1
        return self._record(200)

    async def results(self, request: Request) -> Response:
        self._note(request)
        return self.result

    async def cancel(self, request: Request) -> Response:
        self._note(request)
        return self._record(202)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/healthz", self.alive),
                Route("/api/info", self.info),
                Route("/api/jobs", self.submit, methods=["POST"]),
                Route("/api/jobs/{job_id}/status", self.status),
                Route("/api/jobs/{job_id}/result", self.results),
                Route("/api/jobs/{job_id}/cancel", self.cancel, methods=["POST"]),
            ]
        )

    def _record(self, status: int) -> Response:
        record = self.versions[self._shown]
        return Response(encode(record), status, {"ETag": record.etag}, media_type="application/json")

    def _note(self, request: Request) -> None:
        query = f"?{request.url.query}" if request.url.query else ""
        self.asked.append(f"{request.method} {request.url.path}{query}")
        self.headers.append(dict(request.headers))


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    body = {"type": "about:blank", "status": status, "code": code, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


@contextmanager
def serving(canned: CannedServer) -> Iterator[CannedServer]:
    """Runs it in a thread of its own for the block's time."""
    with served(canned.app()) as canned.url:
        yield canned
