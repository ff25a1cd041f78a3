"""Delete over HTTP: 204 once the record says so for good, and from then on nobody finds the job."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import new_job_id
from cluster.marker import Marker, Operation, decode_marker, marker_of
from cluster.record import JobRecord, JobStatus, Tombstone
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import Server, ended, job_marker, job_record

PATHS = ["", "/status", "/result", "/pages/1", "/pages/1/text", "/pages/1/image"]


async def _delete(web: Server, job_id: str) -> httpx.Response:
    return await web.client.delete(f"/api/jobs/{job_id}")


async def _moving(web: Server, task: asyncio.Task[httpx.Response], step: float = 0.5) -> httpx.Response:
    """Moves the clock until the answer comes."""
    for _ in range(200):
        await asyncio.sleep(0.001)
        if task.done():
            break
        await web.clock.advance(step)
    return await task


async def _marker(web: Server, job_id: str) -> Marker:
    return decode_marker((await web.store.read(layout.marker(job_id))).data)


def _obeys(web: Server, record: JobRecord) -> None:
    """A host that saves the record as being deleted when it is told."""

    async def on_notify(job_id: str) -> None:
        assert (await _marker(web, job_id)).operation is Operation.DELETE
        deleting = job_record(job_id, status=JobStatus.DELETING, revision=record.revision + 1)
        await web.save(deleting)
        web.gateway.show(deleting)

    web.gateway.on_notify = on_notify


async def test_a_running_job_is_deleted(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id, password="p", idempotency="h"))
    await web.save(record)
    web.gateway.show(record)
    _obeys(web, record)
    answer = await _delete(web, record.job_id)
    assert (answer.status_code, answer.content) == (204, b"")
    marker = await _marker(web, record.job_id)
    assert (marker.operation, marker.password, marker.idempotency) == (Operation.DELETE, None, "h")
    assert web.gateway.notified == [record.job_id]


@pytest.mark.parametrize("state", [JobStatus.DELETING, JobStatus.DELETED])
@pytest.mark.parametrize("held", [True, False])
async def test_from_then_on_the_job_is_gone_everywhere(web: Server, state: JobStatus, held: bool) -> None:
    job_id = new_job_id()
    record = job_record(job_id, status=JobStatus.DELETING)
    await web.store.create(layout.index(ANONYMOUS, job_id), b"")
    await web.save_result(job_id, 1, "what it said")
    await web.mark(job_marker(job_id, operation=Operation.DELETE))
    await web.save(record if state is JobStatus.DELETING else Tombstone(job_id, 1, 9))
    if held:
        web.gateway.show(record)
    answers = [await web.client.get(f"/api/jobs/{job_id}{path}") for path in PATHS]
    answers += [await web.client.post(f"/api/jobs/{job_id}/{order}") for order in ("cancel", "retry")]
    answers += [await _delete(web, job_id)]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "job_not_found")}
    assert (await web.client.get("/api/jobs")).json()["jobs"] == []


async def test_an_ended_job_without_marker_gets_one(web: Server) -> None:
    record = ended(job_record(run=3))
    await web.save(record)
    _obeys(web, record)
    assert (await _moving(web, asyncio.create_task(_delete(web, record.job_id)))).status_code == 204
    assert await _marker(web, record.job_id) == marker_of(record).deletion("user")


async def test_a_job_that_no_host_has_begun_waits_for_its_record(web: Server) -> None:
    """With its marker alone the job is hidden already, but a host may be about to store its first record."""
    marker = job_marker()
    await web.mark(marker)
    task = asyncio.create_task(_delete(web, marker.job_id))
    for _ in range(10):
        await asyncio.sleep(0.002)
        await web.clock.advance(0.5)
    assert not task.done()
    assert (await web.client.get(f"/api/jobs/{marker.job_id}/status")).status_code == 404
    await web.save(job_record(marker.job_id))  # that host
    assert (await web.client.get(f"/api/jobs/{marker.job_id}/status")).status_code == 200
    for _ in range(4):
        await asyncio.sleep(0.002)
        await web.clock.advance(0.5)
    assert not task.done()
    await web.save(job_record(marker.job_id, status=JobStatus.DELETING))
    assert (await _moving(web, task)).status_code == 204


async def test_no_host_acts_within_half_a_minute(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    await web.save(record)
    answer = await _moving(web, asyncio.create_task(_delete(web, record.job_id)))
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert "retry-after" in answer.headers
    assert 30 <= web.clock.monotonic() < 33
    assert (await _marker(web, record.job_id)).operation is Operation.DELETE

    # The order stands, and nothing replaces it: asked again, none is written, and the answer comes with the deletion.
    writes = web.store.writes[layout.marker(record.job_id)]
    web.gateway.show(record)
    for order, code in (("cancel", "job_not_found"), ("retry", "job_not_finished")):
        assert (await web.client.post(f"/api/jobs/{record.job_id}/{order}")).json()["code"] == code
    _obeys(web, record)
    assert (await _delete(web, record.job_id)).status_code == 204
    assert web.store.writes[layout.marker(record.job_id)] == writes


async def test_a_host_in_another_cluster_is_followed_through_the_store(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    await web.save(record)
    task = asyncio.create_task(_delete(web, record.job_id))
    await asyncio.sleep(0.01)
    await web.save(Tombstone(record.job_id, 2, 9))
    assert (await _moving(web, task)).status_code == 204


async def test_two_deletions_at_once_are_one(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    await web.save(record)
    _obeys(web, record)
    tasks = [asyncio.create_task(_delete(web, record.job_id)) for _ in range(2)]
    answers = [await _moving(web, task) for task in tasks]
    assert {answer.status_code for answer in answers} == {204}
    assert web.store.writes[layout.marker(record.job_id)] == 2, "the job's, and the deletion's"


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.UNAVAILABLE, FaultKind.THROTTLED, FaultKind.LATE])
async def test_a_fault_on_the_way_is_got_over(web: Server, kind: FaultKind) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    _obeys(web, record)
    web.store.fail("replace", "active/*", kind)
    assert (await _delete(web, record.job_id)).status_code == 204


async def test_a_store_that_stays_away(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    web.store.fail("replace", "active/*", FaultKind.UNAVAILABLE, None)
    answer = await _delete(web, record.job_id)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert (await _marker(web, record.job_id)).operation is Operation.RUN


async def test_the_order_is_written_though_the_client_goes_away(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    slow = web.store.fail("replace", "active/*", FaultKind.SLOW)
    task = asyncio.create_task(_delete(web, record.job_id))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.sleep(0.01)
    slow.gate.set()
    await asyncio.sleep(0.02)
    assert (await _marker(web, record.job_id)).operation is Operation.DELETE
    assert web.gateway.notified == [record.job_id]


@pytest.mark.parametrize("what", ["unknown", "malformed", "another's"])
async def test_no_such_job(web: Server, what: str) -> None:
    job_id = "not-an-id" if what == "malformed" else new_job_id()
    if what == "another's":
        await web.mark(job_marker(job_id, user_email="else@example.org"))
    answer = await _delete(web, job_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert not web.gateway.notified


@pytest.mark.parametrize(
    ("data", "expected"), [(b'{"schema_version": 99}', (503, "record_too_new")), (b"{", (500, "record_damaged"))]
)
async def test_what_can_not_be_read_is_not_deleted(web: Server, data: bytes, expected: tuple[int, str]) -> None:
    job_id = new_job_id()
    name = layout.record(layout.job_prefix(ANONYMOUS, job_id))
    await web.store.put(name, data)
    answer = await _delete(web, job_id)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert await web.names() == [name]


async def test_a_page_that_goes_while_it_is_asked_for(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    reading = web.store.fail("read", "*_result.json", FaultKind.SLOW)
    task = asyncio.create_task(web.client.get(f"/api/jobs/{record.job_id}/pages/1/text"))
    while not reading.hits:
        await asyncio.sleep(0)
    web.gateway.show(job_record(record.job_id, status=JobStatus.DELETING))
    reading.gate.set()
    answer = await task
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
