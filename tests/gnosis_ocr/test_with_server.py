"""The client against the real HTTP side, over real sockets."""

from __future__ import annotations

import asyncio
import io
import os
import threading
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from gnosis_ocr import (
    AsyncClient,
    Client,
    FileEmpty,
    FileTooLarge,
    FormatNotAvailable,
    IdempotencyConflict,
    JobFinished,
    JobNotFound,
    MediaTypeUnsupported,
    NothingToRetry,
    OptionInvalid,
    PageNotFound,
    PageText,
    ResultNotReady,
    ServerUnreachable,
    Unauthorized,
    WaitTimeout,
)
from gnosis_ocr.exchange import FOLLOW_PAUSES_S
from tests.gnosis_ocr.paced_server import PAGES, PDF, UNKNOWN_JOB, Pace, PacedServer, WayThere, text_of
from tests.serve_app.builders import keyed_server
from tests.served_app import served

MB = 1 << 20
TEXTS = [text_of(page) for page in range(1, PAGES + 1)]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with PacedServer({"max_direct_upload_mb": 1, "max_upload_mb": 12}).running() as url:
        yield url


def test_a_document_from_its_submission_to_its_deletion(server: str, tmp_path: Path) -> None:
    with Client(server) as client:
        assert client.alive()
        job = client.submit(PDF, filename="Brief “Ä”.pdf", session_id="letters", dpi=200)
        assert [page.text for page in client.pages(job)] == TEXTS
        job = client.wait(job)
        assert (job.status, job.percent, job.session_id) == ("completed", 100, "letters")
        assert (job.file_info.filename, job.file_info.file_size) == ("Brief “Ä”.pdf", len(PDF))
        assert job.options["dpi"] == 200
        assert client.text(job, 2) == TEXTS[1]
        assert client.result_text(job.job_id) == "".join(TEXTS)
        assert client.download(job, "md", tmp_path / "brief.md").read_text() == "".join(TEXTS)
        assert job.job_id in [each.job_id for each in client.jobs(session_id="letters")]
        assert [each.job_id for each in client.jobs("failed")] == []
        assert [each.etag for each in client.follow(job)] == [job.etag]
        client.delete(job)
        with pytest.raises(JobNotFound):
            client.status(job)


async def test_the_same_awaited(server: str) -> None:
    async with AsyncClient(server) as client:
        job = await client.submit(io.BytesIO(PDF), filename="letter.pdf")
        async with aclosing(client.pages(job)) as pages:
            assert [page.text async for page in pages] == TEXTS
        assert await client.read(PDF) == "".join(TEXTS)
        found = [each.job_id async for each in client.jobs()]
        assert job.job_id in found
        await client.delete(job)


def test_pages_come_before_the_job_has_ended() -> None:
    paced = PacedServer(pace=Pace(allowed=1))
    with paced.running() as url, Client(url) as client:
        job = client.submit(PDF)
        pages = client.pages(job)
        assert next(pages).text == TEXTS[0]
        assert not client.status(job).terminal
        with pytest.raises(ResultNotReady):
            client.result(job)
        with pytest.raises(WaitTimeout):
            client.wait(job, timeout=0.3)
        paced.pace.allowed = PAGES
        assert [page.text for page in pages] == TEXTS[1:]


def test_pages_over_streams_that_are_cut_and_a_server_that_is_started_again() -> None:
    paced = PacedServer(pace=Pace(allowed=1))
    way = WayThere(cuts=[900, 900, 1000])
    pauses: list[float] = []
    pages: list[PageText] = []
    listening, up = threading.Event(), threading.Event()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        time.sleep(0.02)
        assert up.wait(60)

    def listen(client: Client, job_id: str) -> None:
        for page in client.pages(job_id):
            pages.append(page)
            listening.set()

    with Client("http://127.0.0.1:1", transport=way, sleep=pause) as client:
        with paced.running() as way.url:
            up.set()
            job = client.submit(PDF)
            listener = threading.Thread(target=listen, args=(client, job.job_id))
            listener.start()
            assert listening.wait(60)
            up.clear()
        paced.pace.allowed = PAGES
        with paced.running() as way.url:
            up.set()
            listener.join(60)
    assert [page.text for page in pages] == TEXTS
    assert way.streams > 2
    assert pauses


@pytest.mark.parametrize("size", [2 * MB, 10 * MB])
def test_a_large_document_goes_as_a_resumable_upload(server: str, size: int) -> None:
    document = PDF + os.urandom(size - len(PDF))
    told: list[tuple[int, int]] = []
    with Client(server) as client:
        job = client.submit(
            document, filename="book.pdf", idempotency_key=f"k-{size}", on_progress=lambda *each: told.append(each)
        )
        assert (job.file_info.file_size, job.file_info.filename) == (size, "book.pdf")
        again = client.submit(document, filename="book.pdf", idempotency_key=f"k-{size}")
    assert again.job_id == job.job_id
    assert told[-1] == (size, size)


def test_bad_input_is_told_by_its_class(server: str, tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").write_bytes(b"")
    with Client(server) as client:
        job = client.submit(PDF, idempotency_key="once")
        assert client.submit(PDF, idempotency_key="once").job_id == job.job_id
        with pytest.raises(IdempotencyConflict):
            client.submit(PDF, idempotency_key="once", dpi=300)
        client.wait(job)
        with pytest.raises(MediaTypeUnsupported):
            client.submit(b"MZ, and no document", filename="scan.pdf")
        with pytest.raises(FileEmpty):
            client.submit(tmp_path / "empty.pdf")
        with pytest.raises(FileTooLarge, match="12 MB"):
            client.submit(PDF + bytes(13 * MB))
        with pytest.raises(OptionInvalid, match="`pages`"):
            client.submit(PDF, pages="9-2")
        with pytest.raises(OptionInvalid, match="`engine`"):
            client.submit(PDF, engine="dreams")
        with pytest.raises(OptionInvalid, match="`status`"):
            list(client.jobs("resting"))
        with pytest.raises(FormatNotAvailable):
            client.result(job, "alto")
        with pytest.raises(OptionInvalid):
            client.result(job, "docx")
        with pytest.raises(PageNotFound):
            client.text(job, 99)
        with pytest.raises(JobFinished):
            client.cancel(job)
        for ask in (client.status, client.wait, client.cancel, client.retry, client.delete, client.result):
            with pytest.raises(JobNotFound):
                ask(UNKNOWN_JOB)
        with pytest.raises(JobNotFound):
            list(client.pages(UNKNOWN_JOB))


def test_orders() -> None:
    paced = PacedServer(pace=Pace(allowed=0))
    with paced.running() as url, Client(url) as client:
        job = client.submit(PDF)
        next(each for each in client.follow(job) if each.pages)
        assert client.cancel(job).status == "cancelled"
        job = client.retry(job)
        assert job.run == 2
        assert client.wait(job).status == "completed"
        with pytest.raises(NothingToRetry):
            client.retry(job)


def test_what_the_server_says_of_itself(server: str) -> None:
    with Client(server) as client:
        info = client.info()
        assert (info.version, info.engines, info.direct_upload_bytes) == ("1.2.3", ("rapidocr",), MB)
        assert "queue" in client.metrics()


def test_a_key_is_asked_for(tmp_path: Path) -> None:
    web = keyed_server(tmp_path)
    with served(web.app) as url:
        with Client(url) as client, pytest.raises(Unauthorized):
            client.submit(PDF)
        with Client(url, api_key="key of nobody") as client, pytest.raises(Unauthorized):
            list(client.jobs())
        with Client(url, api_key="key of anna@example.org") as client:
            assert client.submit(PDF).user_email == "anna@example.org"


def test_no_server() -> None:
    pauses: list[float] = []
    with Client("http://127.0.0.1:9", sleep=pauses.append) as client:
        assert not client.alive()
        with pytest.raises(ServerUnreachable, match=r"http://127\.0\.0\.1:9 does not answer"):
            list(client.pages(UNKNOWN_JOB))
    assert pauses == list(FOLLOW_PAUSES_S)


def test_many_documents_at_once(server: str) -> None:
    async def read_all() -> list[str]:
        async with AsyncClient(server) as client:
            return await asyncio.gather(*(client.read(PDF, filename=f"{number}.pdf") for number in range(8)))

    assert asyncio.run(read_all()) == ["".join(TEXTS)] * 8
