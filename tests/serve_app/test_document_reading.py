from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from cluster.clock import SystemClock
from cluster.errors import ServerUnreachable
from cluster.record import encode
from serve_app import document_reading
from serve_app.api_client import ApiClient
from serve_app.document_reading import DocumentReading, ReadingOrder
from serve_app.reading_progress import ReadingProgress
from tests.serve_app.canned_server import JOB_ID, QUEUED


class Impatient(SystemClock):
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class Server:
    """accepts: answers a submission, or never does. follows: answers for the job, or is gone."""

    def __init__(self, *, accepts: bool, cancels: bool = True, follows: bool = True) -> None:
        self.taken = asyncio.Event()
        self._accepts = accepts
        self._cancels = cancels
        self._follows = follows

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        path = request.url.path
        if path.endswith("/cancel") and self._cancels:
            return httpx.Response(202)
        if path == "/api/jobs" and self._accepts:
            return httpx.Response(202, content=encode(QUEUED))
        if path.endswith("/status") and not self._follows:
            raise httpx.ConnectError("gone")
        self.taken.set()
        await asyncio.Event().wait()
        raise AssertionError("never set")


@pytest.fixture
def order(tmp_path: Path) -> ReadingOrder:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.7")
    return ReadingOrder(path, {}, "md")


async def interrupted(server: Server, order: ReadingOrder) -> list[str]:
    """What people are told where the reading is cancelled once the server has taken the last request."""
    notices: list[str] = []
    async with ApiClient("http://127.0.0.1", transport=httpx.MockTransport(server), clock=Impatient()) as client:
        reading = DocumentReading(client, ReadingProgress(), notices.append)
        task = asyncio.create_task(reading.read(order))
        await server.taken.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    return notices


async def test_an_interruption_cancels_the_job(order: ReadingOrder) -> None:
    assert await interrupted(Server(accepts=True), order) == [f"job {JOB_ID}", f"job {JOB_ID} cancelled"]


async def test_tells_where_the_job_could_not_be_cancelled(order: ReadingOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reading, "LAST_WORD_S", 0.05)
    notices = await interrupted(Server(accepts=True, cancels=False), order)
    assert notices[1:] == [f"the job {JOB_ID} was not cancelled: the server did not answer in time"]


async def test_tells_where_a_job_may_stand_all_the_same(order: ReadingOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reading, "LAST_WORD_S", 0.05)
    notices = await interrupted(Server(accepts=False), order)
    assert notices == ["the server did not say whether it had accepted the document; it may be read all the same"]


async def test_tells_how_to_find_the_job_where_the_server_is_gone(order: ReadingOrder) -> None:
    notices: list[str] = []
    transport = httpx.MockTransport(Server(accepts=True, follows=False))
    async with ApiClient("http://127.0.0.1", transport=transport, clock=Impatient()) as client:
        with pytest.raises(ServerUnreachable):
            await DocumentReading(client, ReadingProgress(), notices.append).read(order)
    assert notices[-1] == f"the job goes on; `gnosis-ocr status {JOB_ID}` tells how far it is"
