"""The JobHost over the in-memory blob store: whole jobs, losses, recoveries, orders, owners."""

from __future__ import annotations

import asyncio

import pytest

from actors.job.ports import ReplicaLost
from cluster import layout
from cluster.blobs import memory
from cluster.blobs.faults import FaultKind
from cluster.errors import BlobNotFound, EngineFailed
from cluster.ids import new_job_id, slot_of
from cluster.marker import Operation, encode_marker
from cluster.page_text import decode_result
from cluster.record import JobStatus, PageStatus, Tombstone, encode
from serve_app.figures import HostFigures
from tests.actors.job.host_world import HostWorld, until


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def test_an_adopted_job_runs_to_its_end(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(5)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.percent, record.pages_completed) == (JobStatus.COMPLETED, 100, 5)
    assert record.owner == ""
    text = (await world.store.read(marker.prefix + record.outputs["txt"])).data.decode()
    assert [f"page {n}" in text for n in range(1, 6)] == [True] * 5
    for page in range(1, 6):
        assert (await world.store.read(layout.page_text(marker.prefix, page))).data == f"page {page}".encode()
        stored = decode_result((await world.store.read(layout.page_result(marker.prefix, page))).data)
        assert (stored.page, stored.read.text, stored.epoch) == (page, f"page {page}", 1)
    assert host.jobs == {}
    told = host.info()
    assert (told["pages_completed"], told["pages_failed"], told["pages_a_minute"]) == (5, 0, 5)
    assert (told["jobs_completed"], told["jobs_partial"]) == (1, 0)
    assert told.keys() == {*HostFigures.__slots__} - {"host", "memory_mb"}, "which its actor adds"
    await host.drain()


async def test_a_marker_that_nobody_told_of_is_found_at_start(world: HostWorld) -> None:
    marker = await world.accept(2)
    host = world.host()
    await host.start()
    assert (await world.ended(marker)).status is JobStatus.COMPLETED
    await host.drain()


async def test_only_asked_pages_are_read(world: HostWorld) -> None:
    marker = await world.accept(9, options={"pages": "2,4-5"})
    host = world.host()
    await host.start()
    record = await world.ended(marker)
    assert sorted(record.pages) == [2, 4, 5]
    assert record.file_info.total_pages == 9
    await host.drain()


async def test_pages_beyond_the_end_fail_the_job(world: HostWorld) -> None:
    marker = await world.accept(3, options={"pages": "2-7"})
    host = world.host()
    await host.start()
    record = await world.ended(marker)
    assert record.error is not None
    assert record.error.code == "page_range_invalid"
    await host.drain()


async def test_record_saves_keep_to_a_burst_of_three(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(200)
    await host.adopt(marker.job_id)
    started = world.clock.monotonic()
    await world.ended(marker, 30)
    seconds = world.clock.monotonic() - started
    assert world.store.writes[layout.record(marker.prefix)] <= 3 + seconds
    await host.drain()


async def test_failures_are_tried_again_and_a_hopeless_page_leaves_the_job_partial(world: HostWorld) -> None:
    world.ocr.faults = {2: [EngineFailed("once")], 3: [EngineFailed("ever")] * 3, 4: [ReplicaLost("died")]}
    host = world.host()
    await host.start()
    marker = await world.accept(4)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert record.status is JobStatus.PARTIAL
    assert {n: p.status for n, p in record.pages.items()} == {
        1: PageStatus.COMPLETED,
        2: PageStatus.COMPLETED,
        3: PageStatus.FAILED,
        4: PageStatus.COMPLETED,
    }
    assert (record.pages[2].attempts, record.pages[3].attempts) == (2, 3)
    text = (await world.store.read(marker.prefix + record.outputs["txt"])).data.decode()
    assert "engine_failed" in text
    await host.drain()


async def test_a_damaged_result_is_written_again(world: HostWorld) -> None:
    marker = await world.accept(1)
    await world.store.create(layout.page_result(marker.prefix, 1), b"{ not a result")
    host = world.host()
    await host.start()
    record = await world.ended(marker)
    assert record.status is JobStatus.COMPLETED
    stored = decode_result((await world.store.read(layout.page_result(marker.prefix, 1))).data)
    assert stored.read.text == "page 1"
    await host.drain()


async def test_cancel_is_an_order_in_the_marker(world: HostWorld) -> None:
    world.ocr.open_until = 2
    host = world.host()
    await host.start()
    marker = await world.accept(8)
    await host.adopt(marker.job_id)
    await until(lambda: len(world.ocr.reads) >= 2)
    await until(lambda: any("page_002_result.json" in op.name for op in world.store.log))
    await world.order(marker, Operation.CANCEL)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.pages_completed) == (JobStatus.CANCELLED, 2)
    assert set(record.outputs) == {"md", "txt"}
    await host.drain()


async def test_cancelling_gives_up_the_pages_that_wait_in_the_pool(world: HostWorld) -> None:
    """All places in flight are in the pool when the order comes; another job's page is read at once then."""
    world.ocr.open_until = 0
    host = world.host(window=16)
    await host.start()
    marker = await world.accept(16)
    await host.adopt(marker.job_id)
    await until(lambda: host.info()["pages_in_flight"] == 16)
    await until(lambda: world.ocr.waiting == 16)
    await world.order(marker, Operation.CANCEL)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert record.status is JobStatus.CANCELLED
    assert world.ocr.waiting == 0
    assert host.info()["pages_in_flight"] == 0
    world.ocr.open_until = 1
    letter = await world.accept(1)
    await host.adopt(letter.job_id)
    assert (await world.ended(letter)).status is JobStatus.COMPLETED
    await host.drain()


async def test_a_cancel_given_while_the_host_was_down_is_not_lost(world: HostWorld) -> None:
    marker = await world.accept(8)
    await world.order(marker, Operation.CANCEL)
    host = world.host()
    await host.start()
    assert (await world.ended(marker)).status is JobStatus.CANCELLED
    await host.drain()


async def test_a_cancel_given_while_the_job_is_claimed_is_not_lost(world: HostWorld) -> None:
    """The sweep that sees the order does not know the job yet, and knows it when the sweep ends."""
    world.ocr.open_until = 0
    host = world.host(sweep_s=0.05)
    in_first_slot = next(job_id for job_id in iter(new_job_id, "") if slot_of(job_id) == 0)
    marker = await world.accept(8, job_id=in_first_slot)
    claiming = world.store.fail("replace", layout.record(marker.prefix), FaultKind.SLOW)
    await host.start()
    await until(lambda: claiming.hits > 0)
    await world.order(marker, Operation.CANCEL)

    def claimed_before_the_sweep_ends(done: memory.Operation, data: bytes | None) -> None:
        if done.name == layout.markers_of_slot(0):
            claiming.gate.set()

    world.store.observe = claimed_before_the_sweep_ends
    assert (await world.ended(marker)).status is JobStatus.CANCELLED
    await host.drain()


async def test_a_retry_reads_only_what_failed(world: HostWorld) -> None:
    world.ocr.faults = {2: [EngineFailed("ever")] * 3}
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    await host.adopt(marker.job_id)
    assert (await world.ended(marker)).status is JobStatus.PARTIAL
    await world.order(marker, Operation.RUN, run=2)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.run) == (JobStatus.COMPLETED, 2)
    assert world.ocr.reads == {1: 1, 2: 1, 3: 1}
    assert record.outputs["md"].startswith("result-2-")
    await host.drain()


async def test_a_damaged_record_sends_the_marker_to_quarantine_and_others_go_on(world: HostWorld) -> None:
    bad, good = await world.accept(1), await world.accept(1)
    await world.store.create(layout.record(bad.prefix), b"not json")
    host = world.host()
    await host.start()
    assert (await world.ended(good)).status is JobStatus.COMPLETED
    await until(lambda: any(op.name == layout.quarantine(bad.job_id) for op in world.store.log))
    assert (await world.store.read(layout.quarantine(bad.job_id))).data == encode_marker(bad)
    await host.drain()


async def test_a_record_that_is_too_new_is_left_alone(world: HostWorld) -> None:
    marker = await world.accept(1)
    newer = b'{"schema_version": 99, "status": "dreaming"}'
    await world.store.create(layout.record(marker.prefix), newer)
    host = world.host()
    await host.start()
    await asyncio.sleep(0.1)
    assert await world.marker_stands(marker)
    assert (await world.store.read(layout.record(marker.prefix))).data == newer
    await host.drain()


async def test_a_marker_over_a_tombstone_is_removed(world: HostWorld) -> None:
    marker = await world.accept(1)
    await world.store.create(layout.record(marker.prefix), encode(Tombstone(marker.job_id, 1, 5)))
    host = world.host()
    await host.start()
    await until(
        lambda: any(op.operation == "delete" and op.name == layout.marker(marker.job_id) for op in world.store.log)
    )
    with pytest.raises(BlobNotFound):
        await world.store.read(layout.marker(marker.job_id))
    await host.drain()


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.LOST_ANSWER, FaultKind.THROTTLED])
@pytest.mark.parametrize("name", ["*processing.json", "*_result.json", "active/*"])
async def test_storage_faults_delay_a_job_and_lose_nothing(world: HostWorld, kind: FaultKind, name: str) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    for operation in ("create", "replace", "put", "delete"):
        world.store.fail(operation, name, kind, 1)
    await host.adopt(marker.job_id)
    record = await world.ended(marker, 20)
    assert record.status is JobStatus.COMPLETED
    assert world.ocr.reads == {1: 1, 2: 1, 3: 1}
    await host.drain()


@pytest.mark.parametrize(("operation", "name"), [("create", "*result-1-1.md"), ("list", "*result-*")])
async def test_an_outage_while_outputs_are_joined_costs_none_of_them(
    world: HostWorld, operation: str, name: str
) -> None:
    away = world.store.fail(operation, name, FaultKind.UNAVAILABLE, 4)
    host = world.host()
    await host.start()
    marker = await world.accept(2)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert away.hits == 4
    assert set(record.outputs) == {"md", "txt"}
    await host.drain()


async def test_watchers_wake_at_the_next_stored_version(world: HostWorld) -> None:
    world.ocr.open_until = 0
    host = world.host()
    await host.start()
    marker = await world.accept(1)
    await host.adopt(marker.job_id)
    await until(lambda: marker.job_id in host.jobs)
    first = host.status(marker.job_id)
    assert first is not None
    watching = asyncio.create_task(host.watch(marker.job_id, first.etag, 10))
    await asyncio.sleep(0.01)
    world.ocr.gate.set()
    second = await watching
    assert second is not None
    assert second.etag != first.etag
    await world.ended(marker)
    await host.drain()


async def test_a_watch_that_comes_before_the_adoption_waits_for_the_claim_and_then_for_the_end(
    world: HostWorld,
) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    end = await host.watch(marker.job_id, "", 10, until_end=True)
    assert end is not None
    assert end.terminal
    assert world.ocr.reads == {1: 1, 2: 1, 3: 1}
    await world.ended(marker)
    assert await host.watch(marker.job_id, end.etag, 10, until_end=True) is None, "no host has a job that has ended"
    await host.drain()


async def test_a_watch_for_the_end_gives_up_in_time(world: HostWorld) -> None:
    world.ocr.open_until = 0
    host = world.host()
    await host.start()
    marker = await world.accept(1)
    shown = await host.watch(marker.job_id, "", 0.2, until_end=True)
    assert shown is not None
    assert not shown.terminal
    world.ocr.gate.set()
    await world.ended(marker)
    await host.drain()


async def test_a_long_job_does_not_keep_a_short_one_waiting(world: HostWorld) -> None:
    host = world.host(window=64)
    await host.start()
    book = await world.accept(300)
    await host.adopt(book.job_id)
    await until(lambda: len(world.ocr.reads) > 20)
    letter = await world.accept(1)
    await host.adopt(letter.job_id)
    await world.ended(letter)
    assert not (await world.record(book)).terminal
    await world.ended(book, 30)
    await host.drain()


async def test_the_terminal_record_comes_within_a_second_of_the_last_page(world: HostWorld) -> None:
    world.ocr.open_until = 11
    host = world.host()
    await host.start()
    marker = await world.accept(12)
    await host.adopt(marker.job_id)
    await until(lambda: len(world.ocr.reads) >= 11)
    world.ocr.gate.set()
    started = world.clock.monotonic()
    await world.ended(marker)
    assert world.clock.monotonic() - started < 1.0
    await host.drain()
