"""Retry over HTTP: the marker names the next run, and the answer comes once the record is in it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import new_job_id
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus, Tombstone
from tests.serve_app.builders import Server, ended, job_marker, job_record


async def _retry(web: Server, job_id: str, body: bytes = b"") -> httpx.Response:
    return await web.client.post(f"/api/jobs/{job_id}/retry", content=body)


async def _marker(web: Server, job_id: str) -> Marker:
    return decode_marker((await web.store.read(layout.marker(job_id))).data)


def _partial(run: int = 1) -> JobRecord:
    pages = {1: PageRecord(PageStatus.COMPLETED, result_file="r"), 2: PageRecord(PageStatus.FAILED)}
    return ended(job_record(pages=pages, run=run), JobStatus.PARTIAL)


def _obeys(web: Server, record: JobRecord) -> None:
    """A host that opens the run it is told of."""

    async def on_notify(job_id: str) -> None:
        marker = await _marker(web, job_id)
        web.gateway.show(replace(record, run=marker.run, status=JobStatus.EXTRACTING, epoch=2, revision=9))

    web.gateway.on_notify = on_notify


async def test_a_job_is_run_again(web: Server) -> None:
    record = _partial(run=4)
    await web.save(record)
    _obeys(web, record)
    answer = await _retry(web, record.job_id, b'{"password": "open sesame"}')
    assert (answer.status_code, answer.json()["run"], answer.json()["status"]) == (202, 5, "extracting")
    assert answer.headers["etag"] == '"2-9"'
    marker = await _marker(web, record.job_id)
    assert (marker.operation, marker.run, marker.password) == (Operation.RUN, 5, "open sesame")
    assert "open sesame" not in answer.text
    assert web.gateway.notified == [record.job_id]


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b'{"password": null}', b'{"password": ""}'])
async def test_a_password_need_not_be_sent(web: Server, body: bytes) -> None:
    record = _partial()
    await web.save(record)
    _obeys(web, record)
    assert (await _retry(web, record.job_id, body)).status_code == 202
    assert (await _marker(web, record.job_id)).password is None


async def test_the_marker_of_the_run_before_may_still_stand(web: Server) -> None:
    record = _partial()
    web.gateway.show(record)
    await web.mark(job_marker(record.job_id, password="p", idempotency="h"))
    _obeys(web, record)
    assert (await _retry(web, record.job_id)).status_code == 202
    expected = job_marker(record.job_id, password="p", idempotency="h", run=2)
    assert await _marker(web, record.job_id) == expected


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.EXTRACTING, JobStatus.PROCESSING])
async def test_a_job_that_runs(web: Server, status: JobStatus) -> None:
    record = job_record(status=status)
    await web.save(record)
    answer = await _retry(web, record.job_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_finished")
    assert await web.names("active/") == []


async def test_a_job_that_no_host_has_begun(web: Server) -> None:
    marker = job_marker()
    await web.mark(marker)
    answer = await _retry(web, marker.job_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_finished")
    assert await _marker(web, marker.job_id) == marker


async def test_nothing_to_do(web: Server) -> None:
    record = ended(job_record(pages={1: PageRecord(PageStatus.COMPLETED, result_file="r")}))
    await web.save(record)
    answer = await _retry(web, record.job_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_retry")
    assert await web.names("active/") == []


async def test_no_host_acts_within_half_a_minute(web: Server) -> None:
    record = _partial()
    await web.save(record)
    task = asyncio.create_task(_retry(web, record.job_id))
    for _ in range(70):
        await asyncio.sleep(0.001)
        await web.clock.advance(0.5)
    answer = await task
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert "retry-after" in answer.headers
    assert (await _marker(web, record.job_id)).run == 2

    # The order stands: asked again, no second one is written.
    writes = web.store.writes[layout.marker(record.job_id)]
    _obeys(web, record)
    assert (await _retry(web, record.job_id)).status_code == 202
    assert web.store.writes[layout.marker(record.job_id)] == writes


async def test_two_retries_at_once_are_one_run(web: Server) -> None:
    record = _partial()
    await web.save(record)
    _obeys(web, record)
    answers = await asyncio.gather(_retry(web, record.job_id), _retry(web, record.job_id))
    assert [answer.status_code for answer in answers] == [202, 202]
    assert {answer.json()["run"] for answer in answers} == {2}


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.UNAVAILABLE, FaultKind.THROTTLED, FaultKind.LATE])
async def test_a_fault_on_the_way_is_got_over(web: Server, kind: FaultKind) -> None:
    record = _partial()
    await web.save(record)
    _obeys(web, record)
    web.store.fail("replace", "active/*", kind)
    answer = await _retry(web, record.job_id)
    assert (answer.status_code, answer.json()["run"]) == (202, 2)


async def test_a_retry_whose_answer_was_lost_and_which_ended_at_once(web: Server) -> None:
    record = _partial()
    name = layout.marker(record.job_id)
    await web.save(record)
    web.store.fail("replace", name, FaultKind.LOST_ANSWER)
    task = asyncio.create_task(_retry(web, record.job_id))
    while not web.store.writes[name]:
        await asyncio.sleep(0)
    again = replace(record, run=2, epoch=2, revision=20)
    await web.save(again)
    await web.store.delete(name)
    web.gateway.show(again)
    answer = await task
    assert (answer.status_code, answer.json()["run"]) == (202, 2)
    assert await web.names("active/") == []


async def test_a_job_that_is_deleted_meanwhile(web: Server) -> None:
    record = _partial()
    await web.save(record)

    async def on_notify(job_id: str) -> None:
        await web.save(Tombstone(job_id, 2, 9))

    web.gateway.on_notify = on_notify
    task = asyncio.create_task(_retry(web, record.job_id))
    for _ in range(5):
        await asyncio.sleep(0.005)
        await web.clock.advance(1)
    answer = await task
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


@pytest.mark.parametrize("what", ["unknown", "malformed", "deleted", "deleting", "ordered", "another's"])
async def test_no_such_job(web: Server, what: str) -> None:
    job_id = "not-an-id" if what == "malformed" else new_job_id()
    if what == "deleted":
        await web.save(Tombstone(job_id, 1, 2))
    if what == "deleting":
        await web.save(job_record(job_id, status=JobStatus.DELETING))
    if what == "ordered":
        await web.save(replace(_partial(), job_id=job_id))
        await web.mark(job_marker(job_id, operation=Operation.DELETE))
    if what == "another's":
        await web.mark(job_marker(job_id, user_email="else@example.org"))
    answer = await _retry(web, job_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert not web.gateway.notified
