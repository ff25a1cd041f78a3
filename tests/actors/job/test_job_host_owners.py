"""The JobHost and its rivals: losses, takeovers, releases; who owns a job, and who stops."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.marker import decode_marker, queued_record
from cluster.page_text import PageResult, PageText, encode_result
from cluster.record import JobRecord, JobStatus, PageStatus, encode
from tests.actors.job.host_world import HostWorld, crash, until


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def test_a_host_that_comes_back_goes_on_and_reads_no_finished_page_again(world: HostWorld) -> None:
    world.ocr.open_until = 6
    host = world.host()
    await host.start()
    marker = await world.accept(12)
    await host.adopt(marker.job_id)
    await until(lambda: len(world.ocr.reads) >= 6)
    await until(lambda: any("page_006_result.json" in op.name for op in world.store.log))
    crash(host)
    world.ocr.open_until = 1_000_000
    again = world.host()
    await again.start()
    record = await world.ended(marker)
    assert record.status is JobStatus.COMPLETED
    assert record.epoch == 2
    assert all(world.ocr.reads[page] == 1 for page in range(1, 7))
    assert [page.image for page in record.pages.values()] == [f"page_{n:03d}.png" for n in range(1, 13)]
    assert record.pages_extracted == 12
    assert record.recoveries == 0
    await again.drain()


async def test_results_of_a_record_without_pages_are_taken(world: HostWorld) -> None:
    marker = await world.accept(2)
    result = PageResult(marker.job_id, 1, 1, 1, 1, 612, 792, None, 0, 0, PageText("stored", engine="scripted"))
    await world.store.create(layout.page_result(marker.prefix, 1), encode_result(result))
    queued = replace((await _first_record(world, marker.job_id)), owner="c1/job-host-a-0/00000000/x", epoch=1)
    await world.store.create(layout.record(marker.prefix), encode(queued))
    host = world.host()
    await host.start()
    record = await world.ended(marker)
    assert world.ocr.reads == {2: 1}
    assert record.pages[1].status is PageStatus.COMPLETED
    await host.drain()


@pytest.mark.parametrize("operation", ["list", "read"])
async def test_stock_is_taken_when_the_store_answers_again(world: HostWorld, operation: str) -> None:
    """The claim is ours while stored results can't be found out: it is neither given up nor are pages read again."""
    marker = await world.accept(2)
    result = PageResult(marker.job_id, 1, 1, 1, 1, 612, 792, None, 0, 0, PageText("stored", engine="scripted"))
    await world.store.create(layout.page_result(marker.prefix, 1), encode_result(result))
    queued = replace((await _first_record(world, marker.job_id)), owner="c1/job-host-a-0/00000000/x", epoch=1)
    await world.store.create(layout.record(marker.prefix), encode(queued))
    away = world.store.fail(operation, f"{marker.prefix}page_*", FaultKind.UNAVAILABLE, 3)
    host = world.host(sweep_s=0.1)
    await host.start()
    record = await world.ended(marker)
    assert away.hits == 3
    assert world.ocr.reads == {2: 1}
    assert record.epoch == 2, "it was claimed once"
    await host.drain()


async def _first_record(world: HostWorld, job_id: str) -> JobRecord:
    return queued_record(decode_marker((await world.store.read(layout.marker(job_id))).data))


async def test_drain_lets_another_host_go_on_at_once(world: HostWorld) -> None:
    world.ocr.open_until = 1
    host = world.host()
    await host.start()
    marker = await world.accept(4)
    await host.adopt(marker.job_id)
    await until(lambda: len(world.ocr.reads) >= 1)
    await host.drain()
    released = await world.record(marker)
    assert (released.owner, released.terminal) == ("", False)
    world.ocr.open_until = 1_000_000
    world.ocr.gate.set()
    other = world.host(cluster="c2", name="job-host-b-0")
    await other.start()
    record = await world.ended(marker)
    assert record.status is JobStatus.COMPLETED
    assert record.recoveries == 0
    await other.drain()


async def test_a_living_owner_is_respected_and_a_dead_one_replaced(world: HostWorld) -> None:
    world.ocr.open_until = 0
    first = world.host(cluster="c1", beat_s=0.05)
    await first.start()
    marker = await world.accept(2)
    await first.adopt(marker.job_id)
    await until(lambda: marker.job_id in first.jobs)
    other = world.host(cluster="c2", name="job-host-b-0", beat_s=0.05)
    await other.start()
    await asyncio.sleep(0.6)
    assert other.jobs == {}, "the owner's heartbeat moves"
    crash(first)
    world.ocr.open_until = 1_000_000
    third = world.host(cluster="c3", name="job-host-c-0", beat_s=0.05)
    await third.start()
    record = await world.ended(marker)
    assert (record.status, record.epoch) == (JobStatus.COMPLETED, 2)
    await third.drain()


async def test_a_fenced_owner_stops_and_writes_nothing_more(world: HostWorld, caplog: pytest.LogCaptureFixture) -> None:
    world.ocr.open_until = 1
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    await host.adopt(marker.job_id)
    await until(lambda: len(world.ocr.reads) >= 1)
    await world.rob(marker)
    world.ocr.gate.set()
    assert host.info()["jobs_fenced"] == 0
    await until(lambda: marker.job_id not in host.jobs)
    assert (await world.record(marker)).epoch == 7
    assert host.info()["jobs_fenced"] == 1
    assert [line for line in caplog.messages if marker.job_id in line and "fenced" in line]
    await host.drain()


async def test_a_fenced_owner_does_not_try_its_writes_again(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(1)
    result = layout.page_result(marker.prefix, 1)
    refused = world.store.fail("create", result, FaultKind.UNAVAILABLE, None)
    await host.adopt(marker.job_id)
    await until(lambda: refused.hits > 0)
    await world.rob(marker)
    await until(lambda: marker.job_id not in host.jobs)
    refused.count = refused.hits
    await asyncio.sleep(0.5)
    assert result not in world.store.writes
    assert host.info()["pages_in_flight"] == 0
    await host.drain()


async def test_a_claim_under_way_is_released_by_a_drain(world: HostWorld) -> None:
    world.ocr.open_until = 0
    host = world.host()
    await host.start()
    marker = await world.accept(2)
    held = world.store.fail("replace", layout.record(marker.prefix), FaultKind.SLOW)
    await host.adopt(marker.job_id)
    await until(lambda: held.hits > 0)
    draining = asyncio.create_task(host.drain())
    await asyncio.sleep(0.05)
    held.gate.set()
    await draining
    record = await world.record(marker)
    assert (record.owner, record.terminal) == ("", False)
    assert host.jobs == {}
