"""Every error of the HTTP contract, come by as a client comes by it: status, code, and a detail to act on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.clock import settle
from cluster.ids import new_job_id
from cluster.record import ErrorInfo, JobStatus, PageRecord, PageStatus
from serve_app.identity import ANONYMOUS
from serve_app.limits import Limits
from serve_app.openapi.problems import request_codes
from tests.serve_app.builders import (
    ANNA,
    PDF,
    PNG,
    Server,
    as_user,
    ended,
    job_record,
    keyed_server,
    server,
    stream,
)
from tests.serve_app.described import assert_described
from tests.serve_app.tus import VERSION, created, patched

Ask = Callable[[Server], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Row:
    """says: words of the detail that tell what to do, or what is the matter."""

    status: int
    code: str
    ask: Ask
    says: tuple[str, ...]
    header: str | None = None


def asks(method: str, path: str, **kwargs: object) -> Ask:
    async def ask(web: Server) -> httpx.Response:
        return await web.client.request(method, path, **kwargs)  # type: ignore[arg-type]

    return ask


def of_a_job(method: str, rest: str, status: JobStatus | None = None) -> Ask:
    """About a job that is running, its second page failed, or that has ended with ``status``."""

    async def ask(web: Server) -> httpx.Response:
        record = job_record()
        failed = PageRecord(status=PageStatus.FAILED, error=ErrorInfo("engine_failed", "It broke."))
        pages = {**record.pages, 2: failed}
        if status is JobStatus.COMPLETED:
            pages = dict.fromkeys(record.pages, record.pages[1])
        error = ErrorInfo("document_damaged", "Its end is missing.") if status is JobStatus.FAILED else None
        running = job_record(record.job_id, pages=pages)
        await web.save(running if status is None else ended(running, status, error=error))
        return await web.client.request(method, f"/api/jobs/{record.job_id}{rest}")

    return ask


async def same_key_another_document(web: Server) -> httpx.Response:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/pdf"}
    assert (await web.client.post("/api/jobs", content=PDF, headers=headers)).status_code == 202
    return await web.client.post("/api/jobs", content=PDF + b"!", headers=headers)


async def too_large(web: Server) -> httpx.Response:
    return await web.client.post("/api/jobs", content=PDF + bytes(1 << 20))


async def too_many_uploads(web: Server) -> httpx.Response:
    small = server(max_direct_upload_mb=1, upload_budget_mb=1)
    async with small.client:
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        return await small.client.post("/api/jobs", content=stream([PDF]), headers=headers)


@asynccontextmanager
async def keyed(limits: Limits) -> AsyncIterator[Server]:
    """A server with a key whose user has these limits."""
    with TemporaryDirectory() as folder:
        web = keyed_server(Path(folder), anna=limits)
        counting = asyncio.create_task(web.usage.run())
        async with web.client:
            web.client.headers.update(as_user(ANNA))
            yield web
        counting.cancel()


async def without_a_key(_: Server) -> httpx.Response:
    async with keyed(Limits()) as web:
        del web.client.headers["Authorization"]
        return await web.client.get("/api/jobs")


async def too_often(_: Server) -> httpx.Response:
    async with keyed(Limits(requests_a_second=1)) as web:
        answers = [await web.client.get("/api/jobs") for _ in range(10)]
        return next(answer for answer in answers if answer.status_code != 200)


async def two_jobs_of_one(_: Server) -> httpx.Response:
    async with keyed(Limits(jobs_at_once=1)) as web:
        assert (await web.client.post("/api/jobs", content=PDF)).status_code == 202
        await settle()
        return await web.client.post("/api/jobs", content=PDF)


async def a_day_used_up(_: Server) -> httpx.Response:
    async with keyed(Limits(pages_a_day=2)) as web:
        job_id = (await web.client.post("/api/jobs", content=PDF)).json()["job_id"]
        await settle()
        await web.save(ended(job_record(job_id, user_email=ANNA)), ANNA)
        await web.store.delete(layout.marker(job_id))
        await web.clock.advance(1)
        await settle()
        return await web.client.post("/api/jobs", content=PDF)


async def wrong_offset(web: Server) -> httpx.Response:
    return await patched(web.client, await created(web.client, 10), 4, b"x")


async def half_an_upload(web: Server) -> httpx.Response:
    path = await created(web.client, 10)
    return await web.client.post("/api/jobs", json={"source": {"upload_id": path.rpartition("/")[2]}})


async def an_old_upload(web: Server) -> httpx.Response:
    path = await created(web.client, 10)
    await web.clock.advance(30 * 86_400)
    return await patched(web.client, path, 0, b"x")


async def store_away(web: Server) -> httpx.Response:
    web.store.fail("*", "*", FaultKind.UNAVAILABLE, None)
    return await web.client.get(f"/api/jobs/{new_job_id()}/status")


async def record_of(web: Server, data: bytes) -> httpx.Response:
    job_id = new_job_id()
    await web.store.put(layout.record(layout.job_prefix(ANONYMOUS, job_id)), data)
    return await web.client.get(f"/api/jobs/{job_id}/status")


async def damaged(web: Server) -> httpx.Response:
    return await record_of(web, b"{")


async def too_new(web: Server) -> httpx.Response:
    return await record_of(web, b'{"schema_version": 99}')


async def bug(web: Server) -> httpx.Response:
    async def broken() -> object:
        raise ZeroDivisionError

    web.gateway.figures = broken  # type: ignore[method-assign, assignment]
    return await web.client.get("/api/info")


ABSENT = "/api/jobs/01a21862-ab9e-737c-bbb9-c87291d352ec"
ROWS = [
    Row(400, "file_missing", asks("POST", "/api/jobs"), ("`file`", "raw body")),
    Row(400, "file_empty", asks("POST", "/api/jobs", headers={"Content-Type": "image/png"}), ("no content",)),
    Row(400, "option_invalid", asks("POST", "/api/jobs?colour=1", content=PDF), ("`colour`", "`mode`")),
    Row(400, "option_invalid", asks("POST", "/api/jobs?dpi=1e9", content=PDF), ("`dpi`", "72", "400")),
    Row(400, "option_invalid", asks("POST", "/api/jobs?pages=9-2", content=PDF), ("`9-2`", "`1-3,7`")),
    Row(400, "option_invalid", asks("POST", "/api/jobs?wait=-1", content=PDF), ("`wait`", "0 to 60")),
    Row(400, "option_invalid", asks("GET", "/api/jobs?limit=0"), ("`limit`", "1 to 200")),
    Row(
        400, "body_malformed", asks("POST", "/api/jobs", headers={"Content-Type": "multipart/form-data"}), ("boundary",)
    ),
    Row(404, "job_not_found", asks("GET", f"{ABSENT}/status"), ("no such job",)),
    Row(404, "page_not_found", of_a_job("GET", "/pages/9"), ("page 9",)),
    Row(404, "not_found", asks("GET", "/api/nothing"), ("nothing at this address",)),
    Row(405, "method_not_allowed", asks("PUT", "/api/jobs"), ("method",), "allow"),
    Row(409, "result_not_ready", of_a_job("GET", "/result"), ("not ended",)),
    Row(409, "page_not_ready", of_a_job("GET", "/pages/3/text"), ("Page 3", "not been read")),
    Row(409, "page_failed", of_a_job("GET", "/pages/2/text"), ("Page 2", "It broke.")),
    Row(409, "job_failed", of_a_job("GET", "/result", JobStatus.FAILED), ("Its end is missing.",)),
    Row(409, "job_finished", of_a_job("POST", "/cancel", JobStatus.COMPLETED), ("already ended",)),
    Row(409, "job_not_finished", of_a_job("POST", "/retry"), ("still running",)),
    Row(409, "nothing_to_retry", of_a_job("POST", "/retry", JobStatus.COMPLETED), ("Every page", "read")),
    Row(409, "idempotency_conflict", same_key_another_document, ("Idempotency-Key", "another document")),
    Row(409, "format_not_available", of_a_job("GET", "/result?format=pdf", JobStatus.COMPLETED), ("`pdf`", "outputs")),
    Row(404, "upload_not_found", asks("DELETE", "/api/uploads/x", headers=VERSION), ("no such upload",)),
    Row(409, "upload_offset_mismatch", wrong_offset, ("stands at 0", "go on from there")),
    Row(409, "upload_incomplete", half_an_upload, ("0 bytes of 10",)),
    Row(410, "upload_expired", an_old_upload, ("expired",)),
    Row(412, "tus_version_unsupported", asks("POST", "/api/uploads"), ("`Tus-Resumable: 1.0.0`",)),
    Row(413, "file_too_large", too_large, ("1 MB", "one request")),
    Row(415, "media_type_unsupported", asks("POST", "/api/jobs", content=b"just text"), ("PDF", "PNG", "TIFF", "BMP")),
    Row(401, "unauthorized", without_a_key, ("`Authorization: Bearer <key>`",), "www-authenticate"),
    Row(429, "rate_limited", too_often, ("requests",), "retry-after"),
    Row(429, "too_many_jobs", two_jobs_of_one, ("1 of your jobs", "not ended"), "retry-after"),
    Row(429, "quota_exceeded", a_day_used_up, ("2 pages",), "retry-after"),
    Row(503, "overloaded", too_many_uploads, ("try again",), "retry-after"),
    Row(503, "storage_unavailable", store_away, ("try again",), "retry-after"),
    Row(500, "record_damaged", damaged, ("unreadable",)),
    Row(503, "record_too_new", too_new, ("schema_version 99",)),
    Row(500, "internal_error", bug, ("log", "request id")),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
async def test_the_answer(web: Server, row: Row) -> None:
    answer = await row.ask(web)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (row.status, row.code, row.status)
    assert_described(answer)
    for words in row.says:
        assert words in problem["detail"]
    if row.header is not None:
        assert answer.headers[row.header]


def test_every_code_has_its_row() -> None:
    shown = {row.code for row in ROWS}
    assert shown == set(request_codes())


@pytest.mark.parametrize(
    "path", ["/api/jobs", f"{ABSENT}/status", f"{ABSENT}/cancel", "/api/info", "/docs", "/healthz"]
)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "HEAD"])
async def test_a_wrong_method_is_told_the_right_ones(web: Server, method: str, path: str) -> None:
    answer = await web.client.request(method, path)
    if method == "HEAD" and not path.endswith("cancel"):
        assert answer.status_code in (200, 404), "what GET would answer, without its body"
        assert answer.content == b""
        return
    assert answer.status_code == 405
    allowed = set(answer.headers["allow"].split(", "))
    assert method not in allowed
    for right in allowed:
        assert (await web.client.request(right, path)).status_code != 405


BAD_SUBMISSIONS = {
    "a text that calls itself PDF": (415, {"content": b"Dear Sir,", "headers": {"Content-Type": "application/pdf"}}),
    "a PDF that calls itself a form": (
        400,
        {"content": PDF, "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    ),
    "a form without end": (
        400,
        {
            "content": b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF,
            "headers": {"Content-Type": "multipart/form-data; boundary=b"},
        },
    ),
    "a page range that runs backwards": (400, {"content": PDF, "params": {"pages": "9-2"}}),
    "an endless resolution": (400, {"content": PDF, "params": {"dpi": "1e9"}}),
    "an unknown option": (400, {"content": PDF, "params": {"colour": "blue"}}),
    "a negative wait": (400, {"content": PDF, "params": {"wait": "-1"}}),
    "an option twice": (400, {"content": PDF, "params": [("dpi", "100"), ("dpi", "200")]}),
    "a language that the engine does not read": (400, {"content": PDF, "params": {"languages": "ar"}}),
    "an unknown layout": (400, {"content": PDF, "params": {"layout": "none"}}),
    "an unknown mode": (400, {"content": PDF, "params": {"mode": "fast"}}),
    "an unknown engine": (400, {"content": PDF, "params": {"engine": "nobody"}}),
    "a key of 201 characters": (400, {"content": PDF, "headers": {"Idempotency-Key": "k" * 201}}),
    "a length that is none": (400, {"content": PDF, "headers": {"Content-Length": "-5"}}),
    "JSON that is none": (400, {"content": b"{", "headers": {"Content-Type": "application/json"}}),
}


@pytest.mark.parametrize("name", BAD_SUBMISSIONS)
async def test_a_bad_submission_is_told_why_and_leaves_nothing(web: Server, name: str) -> None:
    status, request = BAD_SUBMISSIONS[name]
    answer = await web.client.post("/api/jobs", **request)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert len(answer.json()["detail"]) >= 20
    assert_described(answer)
    assert await web.names() == []
    assert web.gateway.adopted == []


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\x00b.png", "ab.png"),
        ("x" * 4000 + ".png", "x" * 255),
        ("..", "document"),
        ("", "document"),
    ],
)
async def test_a_file_name_is_for_display_alone(web: Server, sent: str, shown: str) -> None:
    answer = await web.client.post("/api/jobs", content=PNG, params={"filename": sent})
    assert answer.status_code == 202
    assert answer.json()["file_info"]["filename"] == shown
    job_id = answer.json()["job_id"]
    prefix = layout.job_prefix(ANONYMOUS, job_id)
    for name in await web.names():
        assert name in (prefix + "raw/document.png", layout.marker(job_id), layout.index(ANONYMOUS, job_id))
