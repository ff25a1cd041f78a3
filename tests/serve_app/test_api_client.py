from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from cluster.clock import SystemClock
from cluster.errors import RecordDamaged, RequestRefused, ServerUnreachable
from cluster.record import encode
from serve_app.api_client import PAUSES_S, ApiClient
from serve_app.multipart_upload import MultipartUpload
from tests.serve_app.canned_server import COMPLETED, JOB_ID, QUEUED

URL = "http://ocr.example:8000/base"
Answer = httpx.Response | Exception


class Sleepless(SystemClock):
    """Notes how long it was asked to sleep, and does not."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Wire:
    """The answers in order, the last one again and again; and the requests with their bodies."""

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self.clock = Sleepless()
        self._answers = list(answers)

    def client(self) -> ApiClient:
        return ApiClient(URL, clock=self.clock, transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(await request.aread())
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def record_answer(status: int = 200, *, completed: bool = False) -> httpx.Response:
    record = COMPLETED if completed else QUEUED
    return httpx.Response(status, content=encode(record), headers={"ETag": record.etag})


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": "It is so."}, headers=headers)


@pytest.fixture
def upload(tmp_path: Path) -> MultipartUpload:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7 " * 1000)
    return MultipartUpload(path, {"dpi": "300"})


async def test_submit_sends_the_whole_body_and_the_key(upload: MultipartUpload) -> None:
    wire = Wire(record_answer(202))
    async with wire.client() as client:
        snapshot = await client.submit(upload, "key-1")
    request = wire.requests[0]
    assert snapshot.record == QUEUED
    assert str(request.url) == f"{URL}/api/jobs"
    assert request.headers["Idempotency-Key"] == "key-1"
    assert request.headers["Content-Length"] == str(len(wire.bodies[0]))
    assert "Transfer-Encoding" not in request.headers
    assert b"%PDF-1.7 " * 1000 in wire.bodies[0]


async def test_submit_is_tried_again_with_the_same_key_and_body(upload: MultipartUpload) -> None:
    lost = httpx.ReadError("connection reset")
    wire = Wire(
        lost, problem(503, "overloaded", **{"Retry-After": "7"}), problem(503, "overloaded"), record_answer(202)
    )
    async with wire.client() as client:
        await client.submit(upload, "key-1")
    assert wire.clock.slept == [PAUSES_S[0], 7, PAUSES_S[2]]
    assert len(set(wire.bodies)) == 1
    assert {request.headers["Idempotency-Key"] for request in wire.requests} == {"key-1"}


async def test_attempts_end(upload: MultipartUpload) -> None:
    wire = Wire(problem(503, "overloaded", **{"Retry-After": "1"}))
    async with wire.client() as client:
        with pytest.raises(RequestRefused) as refusal:
            await client.submit(upload, "key-1")
    assert (refusal.value.status, refusal.value.problem, refusal.value.detail) == (503, "overloaded", "It is so.")
    assert len(wire.requests) == 1 + len(PAUSES_S)


async def test_no_answer_in_the_end(upload: MultipartUpload) -> None:
    wire = Wire(httpx.ConnectError("All connection attempts failed"))
    async with wire.client() as client:
        with pytest.raises(ServerUnreachable, match=f"{URL} does not answer: All connection attempts failed."):
            await client.submit(upload, "key-1")
    assert wire.clock.slept == list(PAUSES_S)


@pytest.mark.parametrize(
    "answer",
    [
        problem(415, "media_type_unsupported"),
        problem(409, "idempotency_conflict"),
        problem(500, "internal_error"),
        problem(429, "quota_exceeded", **{"Retry-After": "40000"}),
    ],
    ids=lambda answer: str(answer.status_code),
)
async def test_what_stands_is_not_tried_again(upload: MultipartUpload, answer: httpx.Response) -> None:
    wire = Wire(answer)
    async with wire.client() as client:
        with pytest.raises(RequestRefused):
            await client.submit(upload, "key-1")
    assert len(wire.requests) == 1
    assert wire.clock.slept == []


async def test_an_answer_that_is_no_problem_json_is_told_as_it_is() -> None:
    wire = Wire(httpx.Response(403, text="<html>Forbidden</html>"))
    async with wire.client() as client:
        with pytest.raises(RequestRefused, match="answered 403 Forbidden") as refusal:
            await client.status(JOB_ID)
    assert refusal.value.problem == "unexpected_answer"


async def test_a_success_that_is_no_record_is_told() -> None:
    wire = Wire(httpx.Response(200, text="hello"))
    async with wire.client() as client:
        with pytest.raises(RecordDamaged):
            await client.status(JOB_ID)


async def test_changed_waits_at_the_server_until_the_record_differs() -> None:
    unchanged = httpx.Response(304)
    wire = Wire(record_answer(), unchanged, httpx.ReadTimeout("slow"), unchanged, record_answer(completed=True))
    async with wire.client() as client:
        known = await client.status(JOB_ID)
        snapshot = await client.changed(known)
    assert snapshot.record == COMPLETED
    assert snapshot.etag == COMPLETED.etag
    assert {str(request.url) for request in wire.requests[1:]} == {f"{URL}/api/jobs/{JOB_ID}/status?wait=20"}
    assert {request.headers["If-None-Match"] for request in wire.requests[1:]} == {QUEUED.etag}


async def test_a_server_that_does_not_hold_requests_is_not_flooded() -> None:
    wire = Wire(record_answer(), *[httpx.Response(304)] * 3, record_answer(completed=True))
    async with wire.client() as client:
        await client.changed(await client.status(JOB_ID))
    assert wire.clock.slept == [1, 1, 1]


@pytest.mark.parametrize(
    ("ask", "line"),
    [
        (lambda client: client.result("a/b", "txt"), "GET /base/api/jobs/a%2Fb/result?format=txt"),
        (lambda client: client.cancel("a?b"), "POST /base/api/jobs/a%3Fb/cancel"),
    ],
)
async def test_other_requests(ask: Callable[[ApiClient], Awaitable[object]], line: str) -> None:
    wire = Wire(httpx.Response(200, content=b"text"))
    async with wire.client() as client:
        await ask(client)
    request = wire.requests[0]
    assert f"{request.method} {request.url.raw_path.decode()}" == line


@pytest.mark.parametrize(
    ("answer", "alive"), [(httpx.Response(200), True), (httpx.Response(404), False), (httpx.ConnectError("no"), False)]
)
async def test_alive(answer: Answer, alive: bool) -> None:
    async with Wire(answer).client() as client:
        assert await client.alive() is alive


async def test_the_api_key_goes_with_every_request() -> None:
    sent: list[str | None] = []

    async def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("authorization"))
        return record_answer()

    for key in ("gnosis_x", None):
        async with ApiClient(URL, transport=httpx.MockTransport(answer), key=key) as client:
            await client.status("job")
    assert sent == ["Bearer gnosis_x", None]


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines"])
def test_a_key_that_can_not_be_sent_is_told(key: str) -> None:
    with pytest.raises(RequestRefused, match="GNOSIS_API_KEY is no API key"):
        ApiClient(URL, key=key)
