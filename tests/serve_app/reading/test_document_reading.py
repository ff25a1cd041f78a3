from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gnosis_ocr import Job, JobFinished, JobNotFinished, JobStatus, NothingToRetry, ServerUnreachable
from serve_app.reading import document_reading
from serve_app.reading.document_reading import DocumentReading
from serve_app.reading.order import Format, ReadingOrder
from serve_app.reading.progress import ReadingProgress
from tests.serve_app.reading.stub_client import StubClient, job, never

DOCUMENT = Path("scan.pdf")


def reading(
    client: StubClient, notices: list[str], accepted: Callable[[Job], None] = lambda job: None
) -> DocumentReading:
    order = ReadingOrder({}, Format.MD, "secret")
    bar = ReadingProgress(1).begin("scan.pdf")
    return DocumentReading(client.as_client, order, bar, accepted=accepted, notice=notices.append)


async def read(client: StubClient, key: str | None = "key") -> JobStatus:
    return (await reading(client, []).read(DOCUMENT, key)).status


async def interrupted(client: StubClient) -> tuple[list[str], bool]:
    """What people are told where the reading is cancelled once the client took the last request; was the job?"""
    notices: list[str] = []
    one = reading(client, notices)
    task = asyncio.create_task(one.read(DOCUMENT, None))
    await client.taken.wait()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return notices, one.cancelled


async def test_submits_and_follows() -> None:
    client = StubClient([job()])
    assert await read(client) is JobStatus.COMPLETED
    assert (client.asked, client.keys) == (["submit", "follow"], ["key"])


async def test_without_a_key_every_reading_has_its_own() -> None:
    client = StubClient([job(), job()])
    for _ in range(2):
        await read(client, key=None)
    assert len(set(client.keys)) == 2


@pytest.mark.parametrize("status", ["partial", "failed", "cancelled"])
async def test_a_job_that_ended_before_is_opened_again(status: str) -> None:
    client = StubClient([job(status)], retries=[job()])
    assert await read(client) is JobStatus.COMPLETED
    assert client.asked == ["submit", "retry secret", "follow"]


async def test_a_job_that_is_still_being_cancelled_is_opened_again_once_it_is() -> None:
    client = StubClient([job("processing", "cancelled")], retries=[job()])
    assert await read(client) is JobStatus.COMPLETED
    assert client.asked == ["submit", "wait", "retry secret", "follow"]


async def test_nothing_to_retry_is_no_fault() -> None:
    nothing = NothingToRetry("all read", status=409, code="nothing_to_retry")
    client = StubClient([job("cancelled")], retries=[nothing], follows=[job("cancelled")])
    assert await read(client) is JobStatus.CANCELLED


async def test_a_job_that_a_copy_of_the_document_has_opened_again_is_followed() -> None:
    runs = JobNotFinished("it runs", status=409, code="job_not_finished")
    client = StubClient([job("cancelled")], retries=[runs], follows=[job("processing"), job("completed")])
    assert await read(client) is JobStatus.COMPLETED


async def test_a_job_that_somebody_cancels_meanwhile_stays_cancelled() -> None:
    client = StubClient([job()], follows=[job("cancelled")])
    assert await read(client) is JobStatus.CANCELLED
    assert client.asked == ["submit", "follow"]


async def test_an_interruption_cancels_the_job() -> None:
    client = StubClient([job()], follows=[job("processing")])
    assert await interrupted(client) == ([], True)
    assert client.asked[-1] == "cancel"


async def test_an_interruption_while_the_acceptance_is_on_its_way_cancels_the_job() -> None:
    async def soon() -> Job:
        await asyncio.sleep(0.01)
        return job()

    assert await interrupted(StubClient([soon])) == ([], True)


async def test_a_job_that_has_ended_meanwhile_is_no_fault() -> None:
    finished = JobFinished("it has ended", status=409, code="job_finished")
    client = StubClient([job()], follows=[job("processing")], cancels=[finished])
    assert await interrupted(client) == ([], False)


async def test_tells_where_the_job_could_not_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reading, "LAST_WORD_S", 0.01)
    client = StubClient([job()], follows=[job("processing")], cancels=[never])
    assert await interrupted(client) == (["the job job-1 was not cancelled: the server did not answer in time"], False)
    client = StubClient([job()], follows=[job("processing")], cancels=[ServerUnreachable("gone.")])
    assert await interrupted(client) == (["the job job-1 was not cancelled: gone."], False)


async def test_tells_where_a_job_may_stand_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reading, "LAST_WORD_S", 0.01)
    told = ["the server did not say whether it had accepted the document; it may be read all the same"]
    assert await interrupted(StubClient([never])) == (told, False)
