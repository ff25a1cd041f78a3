"""Cancel: the marker first, then the hosts, then the answer."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import new_job_id
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import JobRecord, JobStatus, Step, Tombstone
from tests.serve_app.builders import Server, ended, job_marker, job_record


async def _cancel(web: Server, job_id: str) -> httpx.Response:
    return await web.client.post(f"/api/jobs/{job_id}/cancel")


async def _marker(web: Server, job_id: str) -> Marker:
    return decode_marker((await web.store.read(layout.marker(job_id))).data)


def _obeys(web: Server, record: JobRecord) -> None:
    """A host that carries out a cancellation when it is told."""

    async def on_notify(job_id: str) -> None:
        assert (await _marker(web, job_id)).operation is Operation.CANCEL
        web.gateway.show(ended(record, JobStatus.CANCELLED))

    web.gateway.on_notify = on_notify


async def test_a_running_job_is_cancelled(web: Server) -> None:
    record = job_record()
    marker = job_marker(record.job_id, password="p")
    await web.mark(marker)
    web.gateway.show(record)
    _obeys(web, record)
    answer = await _cancel(web, record.job_id)
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert await _marker(web, record.job_id) == marker.ordered(Operation.CANCEL)
    assert web.gateway.notified == [record.job_id]
    again = await _cancel(web, record.job_id)
    assert (again.status_code, again.json()["code"]) == (409, "job_finished")
    assert web.gateway.notified == [record.job_id]


async def test_the_step_alone_shows_the_cancellation(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)

    async def on_notify(job_id: str) -> None:
        web.gateway.show(job_record(job_id, current_step=Step.CANCELLED, revision=9))

    web.gateway.on_notify = on_notify
    answer = await _cancel(web, record.job_id)
    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert (await _cancel(web, record.job_id)).json()["code"] == "job_finished"


async def test_a_job_that_no_host_has_begun(web: Server) -> None:
    marker = job_marker()
    await web.mark(marker)
    _obeys(web, job_record(marker.job_id))
    assert (await _cancel(web, marker.job_id)).status_code == 202


async def test_a_record_without_marker_gets_one(web: Server) -> None:
    record = job_record(run=3)
    await web.save(record)
    _obeys(web, record)
    assert (await _cancel(web, record.job_id)).status_code == 202
    marker = await _marker(web, record.job_id)
    assert (marker.run, marker.operation, marker.document) == (3, Operation.CANCEL, record.file_info)


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.PARTIAL, JobStatus.FAILED, JobStatus.CANCELLED])
async def test_a_job_that_has_ended(web: Server, status: JobStatus) -> None:
    record = ended(job_record(), status)
    await web.save(record)
    answer = await _cancel(web, record.job_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "job_finished")
    assert await web.names("active/") == []


async def test_a_job_that_ends_before_the_order_reaches_it(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)

    async def on_notify(job_id: str) -> None:
        web.gateway.show(ended(record))

    web.gateway.on_notify = on_notify
    assert (await _cancel(web, record.job_id)).json()["code"] == "job_finished"


async def test_a_job_that_ended_while_the_host_still_showed_it_running(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    await web.save(ended(record))
    assert (await _cancel(web, record.job_id)).json()["code"] == "job_finished"
    assert await web.names("active/") == []


async def test_no_host_acts_within_half_a_minute(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    await web.save(record)
    task = asyncio.create_task(_cancel(web, record.job_id))
    for _ in range(70):
        await asyncio.sleep(0.001)
        await web.clock.advance(0.5)
    answer = await task
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert "retry-after" in answer.headers
    assert (await _marker(web, record.job_id)).operation is Operation.CANCEL

    # The order stands: asked again, no second one is written, and the answer comes once it is carried out.
    writes = web.store.writes[layout.marker(record.job_id)]
    _obeys(web, record)
    assert (await _cancel(web, record.job_id)).status_code == 202
    assert web.store.writes[layout.marker(record.job_id)] == writes


async def test_a_host_in_another_cluster_is_followed_through_the_store(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    await web.save(record)
    task = asyncio.create_task(_cancel(web, record.job_id))
    await asyncio.sleep(0.01)
    await web.save(ended(record, JobStatus.CANCELLED))
    for _ in range(5):
        await asyncio.sleep(0.005)
        await web.clock.advance(1)
    assert (await task).status_code == 202


async def test_nothing_replaces_a_deletion(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    await web.mark(job_marker(record.job_id, operation=Operation.DELETE))
    answer = await _cancel(web, record.job_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert (await _marker(web, record.job_id)).operation is Operation.DELETE


async def test_a_due_callback_is_kept(web: Server) -> None:
    record = job_record()
    web.gateway.show(record)
    await web.mark(job_marker(record.job_id, operation=Operation.CALLBACK))
    assert (await _cancel(web, record.job_id)).json()["code"] == "job_finished"
    assert (await _marker(web, record.job_id)).operation is Operation.CALLBACK


async def test_a_marker_that_changes_underneath_is_read_again(web: Server) -> None:
    record = job_record()
    marker = job_marker(record.job_id)
    await web.mark(marker)
    web.gateway.show(record)
    _obeys(web, record)
    slow = web.store.fail("replace", "active/*", FaultKind.SLOW)
    task = asyncio.create_task(_cancel(web, record.job_id))
    await asyncio.sleep(0.02)
    await web.mark(job_marker(record.job_id, password="new"))
    slow.gate.set()
    assert (await task).status_code == 202
    assert (await _marker(web, record.job_id)).password == "new"


@pytest.mark.parametrize("kind", [FaultKind.LOST_ANSWER, FaultKind.UNAVAILABLE, FaultKind.THROTTLED, FaultKind.LATE])
async def test_a_fault_on_the_way_is_got_over(web: Server, kind: FaultKind) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    _obeys(web, record)
    web.store.fail("replace", "active/*", kind)
    assert (await _cancel(web, record.job_id)).status_code == 202


async def test_an_order_whose_answer_was_lost_and_which_was_carried_out_at_once(web: Server) -> None:
    record = job_record()
    name = layout.marker(record.job_id)
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    web.store.fail("replace", name, FaultKind.LOST_ANSWER)
    task = asyncio.create_task(_cancel(web, record.job_id))
    while web.store.writes[name] != 2:
        await asyncio.sleep(0)
    reading_again = web.store.fail("read", name, FaultKind.SLOW)
    await web.save(ended(record, JobStatus.CANCELLED))
    await web.store.delete(name)
    web.gateway.show(ended(record, JobStatus.CANCELLED))
    reading_again.gate.set()
    assert (await task).status_code == 202
    assert reading_again.hits == 1
    assert await web.names("active/") == []


async def test_a_store_that_stays_away(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    web.store.fail("replace", "active/*", FaultKind.UNAVAILABLE, None)
    answer = await _cancel(web, record.job_id)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert not web.gateway.notified


async def test_the_order_is_written_though_the_client_goes_away(web: Server) -> None:
    record = job_record()
    await web.mark(job_marker(record.job_id))
    web.gateway.show(record)
    slow = web.store.fail("replace", "active/*", FaultKind.SLOW)
    task = asyncio.create_task(_cancel(web, record.job_id))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.sleep(0.01)
    slow.gate.set()
    await asyncio.sleep(0.02)
    assert (await _marker(web, record.job_id)).operation is Operation.CANCEL
    assert web.gateway.notified == [record.job_id]


@pytest.mark.parametrize("what", ["unknown", "malformed", "deleted", "another's"])
async def test_no_such_job(web: Server, what: str) -> None:
    job_id = new_job_id()
    if what == "malformed":
        job_id = "not-an-id"
    if what == "deleted":
        await web.save(Tombstone(job_id, 1, 2))
    if what == "another's":
        await web.mark(job_marker(job_id, user_email="else@example.org"))
    answer = await _cancel(web, job_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert not web.gateway.notified
