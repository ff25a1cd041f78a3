"""Limits as clients feel them: what is refused, what a place costs, and when it is free again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock, settle
from cluster.errors import RequestError, TooManyJobs
from cluster.record import JobStatus, Tombstone
from serve_app.limits import Limits
from tests.serve_app.builders import ANNA, BERT, PDF, Server, as_user, ended, job_record, keyed_server, stream

HEADERS = {"Content-Type": "application/pdf"}
ONE_JOB = Limits(jobs_at_once=1)
MEGABYTE = 1 << 20


async def _post(
    web: Server, user: str = ANNA, content: object = PDF, key: str | None = None, headers: dict[str, str] = HEADERS
) -> httpx.Response:
    keyed = {} if key is None else {"Idempotency-Key": key}
    answer = await web.client.post("/api/jobs", content=content, headers={**headers, **as_user(user), **keyed})  # type: ignore[arg-type]
    await settle()
    return answer


async def _end(web: Server, job_id: str, *, failed: bool = False) -> None:
    """The job's record is terminal and its marker gone; long enough ago that it is looked at again."""
    status = JobStatus.FAILED if failed else JobStatus.COMPLETED
    await web.save(ended(job_record(job_id, user_email=ANNA), status), ANNA)
    await web.store.delete(layout.marker(job_id))
    await web.clock.advance(1)


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Server]:
    """Anna may have one job at once, Bert as many as he likes."""
    web = keyed_server(tmp_path, anna=ONE_JOB)
    counting = asyncio.create_task(web.usage.run())
    async with web.client:
        yield web
    counting.cancel()


async def test_the_next_job_is_refused_until_one_has_ended(one: Server) -> None:
    first = (await _post(one)).json()["job_id"]
    before = await one.names()
    refused = await _post(one)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_jobs")
    assert refused.json()["detail"].startswith("1 of your jobs have not ended")
    assert refused.headers["retry-after"] == "5"
    assert await one.names() == before, "nothing of a refused job is stored"
    assert (await _post(one, BERT)).status_code == 202
    await _end(one, first)
    assert (await _post(one)).status_code == 202


async def test_a_refused_body_is_not_read(one: Server) -> None:
    await _post(one)
    read: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for number in range(100):
            read.append(number)
            yield PDF

    assert (await _post(one, content=body())).status_code == 429
    assert read == []


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"no document", HEADERS, 415),
        (b"", HEADERS, 400),
        (PDF, {"Content-Type": "multipart/form-data"}, 400),
        (b"x" * (3 * MEGABYTE), HEADERS, 413),
    ],
)
async def test_a_submission_that_fails_gives_its_place_back(
    tmp_path: Path, content: bytes, headers: dict[str, str], status: int
) -> None:
    web = keyed_server(tmp_path, anna=ONE_JOB, max_direct_upload_mb=1)
    counting = asyncio.create_task(web.usage.run())
    async with web.client:
        for _ in range(3):
            assert (await _post(web, content=content, headers=headers)).status_code == status
        assert web.usage.open_jobs(ANNA) == []
        assert (await _post(web)).status_code == 202
    counting.cancel()


@pytest.mark.parametrize("operation", ["put_stream", "create"])
async def test_a_store_that_fails_gives_the_place_back(one: Server, operation: str) -> None:
    one.store.fail(operation, "*", FaultKind.FORBIDDEN)
    assert (await _post(one)).status_code == 503
    assert one.usage.open_jobs(ANNA) == []


async def test_a_marker_that_may_stand_has_its_place_once_it_is_seen(one: Server) -> None:
    one.store.fail("create", "active/*", FaultKind.LATE, 1)
    one.store.fail("create", "active/*", FaultKind.UNAVAILABLE, 2)
    assert (await _post(one)).status_code == 503
    assert one.usage.open_jobs(ANNA) == []
    one.store.late[0].land()
    await one.usage.round()
    assert [layout.marker(job_id) for job_id in one.usage.open_jobs(ANNA)] == await one.names("active/") != []
    assert (await _post(one)).status_code == 429


async def test_a_client_that_goes_away_gives_its_place_back(one: Server) -> None:
    stuck = asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield PDF
        await stuck.wait()

    task = asyncio.create_task(_post(one, content=body()))
    await settle(100)
    assert len(one.usage.open_jobs(ANNA)) == 1
    task.cancel()
    await settle(100)
    assert one.usage.open_jobs(ANNA) == []


async def test_a_client_that_goes_away_after_acceptance_has_its_job_counted(one: Server) -> None:
    slow = one.store.fail("create", "active/*", FaultKind.SLOW)
    task = asyncio.create_task(_post(one))
    await settle(100)
    task.cancel()
    await settle()
    slow.gate.set()
    await settle(100)
    assert len(await one.names("active/")) == len(one.usage.open_jobs(ANNA)) == 1


async def test_the_same_idempotency_key_gets_its_job_although_no_place_is_left(one: Server) -> None:
    first = await _post(one, key="k")
    again = await _post(one, key="k")
    assert (again.status_code, again.json()["job_id"]) == (202, first.json()["job_id"])
    assert (await _post(one, key="another")).status_code == 429
    conflict = await _post(one, key="k", content=PDF + b"x")
    assert conflict.json()["code"] == "idempotency_conflict"
    assert one.usage.open_jobs(ANNA) == [first.json()["job_id"]]


async def test_a_repetition_takes_no_second_place(tmp_path: Path) -> None:
    web = keyed_server(tmp_path, anna=Limits(jobs_at_once=2))
    counting = asyncio.create_task(web.usage.run())
    async with web.client:
        for _ in range(4):
            assert (await _post(web, key="k")).status_code == 202
        assert (await _post(web)).status_code == 202
        assert (await _post(web)).status_code == 429
    counting.cancel()


async def test_a_key_of_a_deleted_job_is_no_way_around_the_limit(one: Server) -> None:
    first = (await _post(one, key="k")).json()["job_id"]
    await _end(one, first)
    await one.save(job_record(first, user_email=ANNA, status=JobStatus.DELETING), ANNA)
    assert (await _post(one)).status_code == 202
    refused = await _post(one, key="k")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_jobs")
    assert len(await one.names("active/")) == 1


async def test_a_job_that_is_taken_up_by_its_key_needs_a_place_too(one: Server) -> None:
    """Its first Ingress died between idempotency entry and marker."""
    lost = (await _post(one, key="k")).json()["job_id"]
    await one.store.delete(layout.marker(lost))
    await one.clock.advance(1)
    other = (await _post(one)).json()["job_id"]
    refused = await _post(one, key="k")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_jobs")
    assert await one.names("active/") == [layout.marker(other)]
    await _end(one, other)
    assert (await _post(one, key="k")).json()["job_id"] == lost
    assert one.usage.open_jobs(ANNA) == [lost]


async def test_a_retry_needs_a_place(one: Server) -> None:
    old = (await _post(one)).json()["job_id"]
    await _end(one, old, failed=True)
    second = (await _post(one)).json()["job_id"]
    refused = await one.client.post(f"/api/jobs/{old}/retry", headers=as_user(ANNA))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_jobs")
    assert await one.names("active/") == [layout.marker(second)]
    await _end(one, second)

    async def run(job_id: str) -> None:
        one.gateway.show(job_record(job_id, user_email=ANNA, run=2, revision=9))

    one.gateway.on_notify = run
    answer = await one.client.post(f"/api/jobs/{old}/retry", headers=as_user(ANNA))
    assert (answer.status_code, answer.json()["run"]) == (202, 2)
    await settle()
    assert (await _post(one)).status_code == 429


async def test_a_retry_that_makes_no_sense_is_told_so_first_and_takes_no_place(one: Server) -> None:
    running = (await _post(one)).json()["job_id"]
    refused = await one.client.post(f"/api/jobs/{running}/retry", headers=as_user(ANNA))
    assert refused.json()["code"] == "job_not_finished"
    assert one.usage.open_jobs(ANNA) == [running]


async def test_pages_of_the_day(tmp_path: Path) -> None:
    clock = ManualClock(datetime.now(UTC))  # as job ids are drawn
    web = keyed_server(tmp_path, anna=Limits(pages_a_day=4), clock=clock)
    counting = asyncio.create_task(web.usage.run())
    async with web.client:
        for _ in range(2):
            job_id = (await _post(web)).json()["job_id"]
            await _end(web, job_id)
        refused = await _post(web)
        assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
        assert "The day's 4 pages are used up (6 were sent)" in refused.json()["detail"]
        assert 1 <= int(refused.headers["retry-after"]) <= 86_400
        assert (await _post(web, BERT)).status_code == 202
        counting.cancel()
        await clock.advance(int(refused.headers["retry-after"]))
        assert (await _post(web)).status_code == 202


async def test_a_job_that_is_deleted_before_anybody_counted_its_pages_counts_with_all_of_them(tmp_path: Path) -> None:
    clock = ManualClock(datetime.now(UTC))  # as job ids are drawn
    web = keyed_server(tmp_path, anna=Limits(pages_a_day=3), clock=clock)
    counting = asyncio.create_task(web.usage.run())
    async with web.client:
        job_id = (await _post(web)).json()["job_id"]
        await web.save(ended(job_record(job_id, user_email=ANNA)), ANNA)

        async def erase(job_id: str) -> None:
            await web.save(Tombstone(job_id, 1, 9), ANNA)
            await web.store.delete(layout.index(ANNA, job_id))

        web.gateway.on_notify = erase
        deletion = asyncio.create_task(web.client.delete(f"/api/jobs/{job_id}", headers=as_user(ANNA)))
        while not deletion.done():
            await asyncio.sleep(0.001)
            await clock.advance(0.5)
        assert deletion.result().status_code == 204
        refused = await _post(web)
        assert (refused.status_code, refused.json()["code"]) == (429, "quota_exceeded")
    counting.cancel()


async def test_the_largest_document_of_a_key(tmp_path: Path) -> None:
    web = keyed_server(tmp_path, anna=Limits(upload_mb=1), bert=Limits(upload_mb=9000), max_direct_upload_mb=2)
    big = PDF + b"x" * (MEGABYTE + (512 << 10))
    async with web.client:
        for content in (big, stream([big[:MEGABYTE], big[MEGABYTE:]])):
            refused = await _post(web, content=content)
            assert (refused.status_code, refused.json()["code"]) == (413, "file_too_large")
            assert refused.json()["detail"] == "The file is larger than 1 MB, the limit of this API key."
        form = await web.client.post("/api/jobs", files={"file": ("a.pdf", big)}, headers=as_user(ANNA))
        assert (form.status_code, form.json()["code"]) == (413, "file_too_large")
        assert await web.names() == []
        assert (await _post(web)).status_code == 202
        assert (await _post(web, BERT, big)).status_code == 202
        above = (await _post(web, BERT, PDF + b"x" * (3 * MEGABYTE))).json()["detail"]
        assert "2 MB, the limit for one request" in above


class Lost:
    """A count that is asked in vain."""

    async def admit(self, email: str, job_id: str, limits: Limits) -> RequestError | None:
        return None

    async def begun(self, email: str, job_id: str) -> None:
        raise TooManyJobs("It must not matter.")

    async def released(self, email: str, job_id: str) -> None:
        raise TooManyJobs("It must not matter.")

    async def deleted(self, email: str, job_id: str, pages: int) -> None:
        raise TooManyJobs("It must not matter.")


async def test_where_the_count_is_lost_everybody_goes_on(tmp_path: Path) -> None:
    web = keyed_server(tmp_path, anna=ONE_JOB, usage=Lost(), store=MemoryBlobStore())
    async with web.client:
        assert [(await _post(web)).status_code for _ in range(3)] == [202] * 3
        assert (await _post(web, content=b"no document")).status_code == 415
