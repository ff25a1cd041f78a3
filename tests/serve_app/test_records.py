"""Finding a record: host first, then store, then marker; and waiting for it to change."""

from __future__ import annotations

import asyncio

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.clock import ManualClock
from cluster.errors import JobNotFound, RecordDamaged, RecordTooNew
from cluster.ids import new_job_id
from cluster.marker import Operation, queued_record
from cluster.record import JobStatus, Tombstone
from serve_app.identity import ANONYMOUS, Identity
from serve_app.records import Found, Records, Standing
from tests.serve_app.builders import Server, ended, job_marker, job_record

SOME_JOB = "01a21862-ab9e-737c-bbb9-c87291d352ec"

CALLER = Identity(ANONYMOUS)


@pytest.fixture
def records(web: Server) -> Records:
    return Records(web.store, web.gateway, web.clock)


async def _moving(clock: ManualClock, task: asyncio.Task[Found], step: float = 0.5) -> float:
    """Moves the clock until the task is done; returns the seconds it took on that clock."""
    start = clock.monotonic()
    for _ in range(500):
        await asyncio.sleep(0)
        if task.done():
            break
        await clock.advance(step)
    return clock.monotonic() - start


async def test_the_host_answers_before_the_store(web: Server, records: Records) -> None:
    stale = job_record()
    await web.save(stale)
    web.gateway.show(ended(stale))
    assert (await records.find(CALLER, stale.job_id)).record.status is JobStatus.COMPLETED
    web.gateway.unreachable = True
    assert (await records.find(CALLER, stale.job_id)).record.status is JobStatus.PROCESSING


async def test_a_marker_alone_is_a_queued_job(web: Server, records: Records) -> None:
    marker = job_marker()
    await web.mark(marker)
    found = await records.find(CALLER, marker.job_id)
    assert found.record == queued_record(marker)
    assert found.etag == '"0-0"'


async def test_a_job_that_begins_and_ends_between_two_readings(web: Server, records: Records) -> None:
    marker = job_marker()
    await web.mark(marker)
    slow = web.store.fail("read", "active/*", FaultKind.SLOW)
    task = asyncio.create_task(records.find(CALLER, marker.job_id))
    await asyncio.sleep(0.01)
    await web.save(ended(job_record(marker.job_id)))
    await web.store.delete(layout.marker(marker.job_id))
    slow.gate.set()
    assert (await task).record.status is JobStatus.COMPLETED


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("status", [JobStatus.DELETING, JobStatus.DELETED])
async def test_deleted_jobs_are_gone(web: Server, records: Records, held: bool, status: JobStatus) -> None:
    record = job_record(status=status)
    if held:
        web.gateway.show(record)
    elif status is JobStatus.DELETED:
        await web.save(Tombstone(record.job_id, 1, 2))
    else:
        await web.save(record)
    with pytest.raises(JobNotFound):
        await records.find(CALLER, record.job_id)


async def test_a_marker_that_says_delete_is_no_job(web: Server, records: Records) -> None:
    marker = job_marker(operation=Operation.DELETE)
    await web.mark(marker)
    with pytest.raises(JobNotFound):
        await records.find(CALLER, marker.job_id)


@pytest.mark.parametrize("where", ["host", "store", "marker", "own folder"])
async def test_another_users_job_is_gone(web: Server, records: Records, where: str) -> None:
    other = "else@example.org"
    record = job_record(user_email=other)
    if where == "host":
        web.gateway.show(record)
    if where == "store":
        await web.save(record, other)
    if where == "marker":
        await web.mark(job_marker(record.job_id, user_email=other))
    if where == "own folder":
        await web.save(record)
    with pytest.raises(JobNotFound):
        await records.find(CALLER, record.job_id)


@pytest.mark.parametrize("job_id", ["", "x", "../../etc", SOME_JOB.upper(), SOME_JOB + "\n"])
async def test_what_is_no_job_id_is_never_looked_up(web: Server, records: Records, job_id: str) -> None:
    with pytest.raises(JobNotFound):
        await records.find(CALLER, job_id)
    assert not web.store.log


async def test_unreadable_records(web: Server, records: Records) -> None:
    job_id = new_job_id()
    name = layout.record(layout.job_prefix(ANONYMOUS, job_id))
    await web.store.put(name, b'{"schema_version": 99}')
    with pytest.raises(RecordTooNew):
        await records.find(CALLER, job_id)
    await web.store.put(name, b"{")
    with pytest.raises(RecordDamaged):
        await records.find(CALLER, job_id)


async def test_standing(web: Server, records: Records) -> None:
    absent, marked, recorded, deleted, ordered, both = (new_job_id() for _ in range(6))
    await web.mark(job_marker(marked))
    await web.save(ended(job_record(recorded)))
    await web.save(Tombstone(deleted, 1, 1))
    await web.mark(job_marker(ordered, operation=Operation.DELETE))
    await web.mark(job_marker(both))
    await web.save(Tombstone(both, 1, 1))
    expected = {
        absent: Standing.ABSENT,
        marked: Standing.PRESENT,
        recorded: Standing.PRESENT,
        deleted: Standing.DELETED,
        ordered: Standing.DELETED,
        both: Standing.DELETED,
    }
    assert {job_id: await records.standing(CALLER, job_id) for job_id in expected} == expected


async def test_a_change_is_seen_at_once_through_the_host(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    task = asyncio.create_task(records.changed(CALLER, found, 60))
    await asyncio.sleep(0.01)
    assert not task.done()
    web.gateway.show(ended(record))
    assert (await asyncio.wait_for(task, 1)).record.terminal
    assert len(web.gateway.watched) == 1, "one call waits for the change"
    assert web.clock.monotonic() == 0


async def test_without_a_host_the_store_is_read_at_once_and_then_once_a_second(web: Server, records: Records) -> None:
    record = job_record()
    await web.save(record)
    found = await records.find(CALLER, record.job_id)
    web.store.log.clear()
    task = asyncio.create_task(records.changed(CALLER, found, 30))
    await asyncio.sleep(0.01)
    await web.clock.advance(4.5)
    assert len(web.store.log) == 5, "at once, then once a second"
    await web.save(ended(record))
    assert await _moving(web.clock, task) <= 1
    assert task.result().record.terminal


async def test_nothing_changes(web: Server, records: Records) -> None:
    record = job_record()
    await web.save(record)
    found = await records.find(CALLER, record.job_id)
    for held in (False, True):
        if held:
            web.gateway.show(record)
        task = asyncio.create_task(records.changed(CALLER, found, 7))
        assert 7 <= await _moving(web.clock, task) <= 7.5
        assert task.result().etag == found.etag


async def test_a_job_that_is_deleted_while_watched(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    task = asyncio.create_task(records.changed(CALLER, found, 60))
    await asyncio.sleep(0.01)
    web.gateway.show(job_record(record.job_id, status=JobStatus.DELETING, revision=9))
    with pytest.raises(JobNotFound):
        await task


async def test_a_gateway_that_answers_too_early_is_not_asked_in_a_tight_circle(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    watch = web.gateway.watch

    async def hasty(job_id: str, etag: str, timeout_s: float, *, until_end: bool) -> object:
        web.gateway.watched.append((job_id, etag, timeout_s))
        return await web.gateway.status(job_id)

    web.gateway.watch = hasty  # type: ignore[assignment, method-assign]
    task = asyncio.create_task(records.changed(CALLER, found, 10))
    await _moving(web.clock, task)
    assert len(web.gateway.watched) <= 11
    assert watch is not web.gateway.watch


async def test_the_end_of_a_job(web: Server, records: Records) -> None:
    record = job_record()
    web.gateway.show(record)
    found = await records.find(CALLER, record.job_id)
    task = asyncio.create_task(records.ended(CALLER, found, 60))
    for percent in (60, 70, 80):
        await asyncio.sleep(0.005)
        web.gateway.show(job_record(record.job_id, percent=percent, revision=percent))
    await asyncio.sleep(0.005)
    assert not task.done()
    web.gateway.show(ended(job_record(record.job_id, revision=90)))
    assert (await asyncio.wait_for(task, 1)).record.terminal
    assert len(web.gateway.watched) == 1, "one call waits for the end"
