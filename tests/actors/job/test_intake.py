"""Intake: who is claimed when, and who waits for whom."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace

import pytest

from actors.job import intake
from actors.job.state import Phase
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.port import Blob
from cluster.marker import Marker, Operation, queued_record
from cluster.record import JobStatus, PageRecord, encode
from tests.actors.job.host_world import HostWorld, until


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def _suspect(world: HostWorld) -> Marker:
    """A job of two pages that was recovered once and has not moved since; its owner was an earlier life of the host."""
    marker = await world.accept(2)
    record = replace(
        queued_record(marker),
        owner="c1/job-host-a-0/00000000/x",
        epoch=2,
        revision=2,
        recoveries=1,
        status=JobStatus.EXTRACTING,
        pages={1: PageRecord(), 2: PageRecord()},
    )
    await world.store.create(layout.record(marker.prefix), encode(record))
    return marker


async def test_suspects_are_claimed_one_by_one_after_all_others(world: HostWorld) -> None:
    world.ocr.open_until = 0
    first, second, other = await _suspect(world), await _suspect(world), await world.accept(1)
    host = world.host()
    await host.start()
    await until(lambda: first.job_id in host.jobs)
    assert other.job_id in host.jobs
    await asyncio.sleep(0.3)
    assert second.job_id not in host.jobs, "the first has not moved yet"
    world.ocr.gate.set()
    for marker in (first, second, other):
        assert (await world.ended(marker)).status is JobStatus.COMPLETED
    await host.drain()


async def test_a_suspect_that_was_told_to_end_waits_for_nobody(world: HostWorld) -> None:
    world.ocr.open_until = 0
    first, second = await _suspect(world), await _suspect(world)
    host = world.host(sweep_s=0.1)
    await host.start()
    await until(lambda: first.job_id in host.jobs)
    await world.order(second, Operation.CANCEL)
    assert (await world.ended(second)).status is JobStatus.CANCELLED
    assert not host.jobs[first.job_id].moved
    await host.drain()


async def test_a_draining_host_claims_nothing(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(1)
    held = world.store.fail("read", layout.marker(marker.job_id), FaultKind.SLOW)
    await host.adopt(marker.job_id)
    await until(lambda: held.hits > 0)
    draining = asyncio.create_task(host.drain())
    await asyncio.sleep(0.05)
    held.gate.set()
    await draining
    assert world.store.writes[layout.record(marker.prefix)] == 0


async def test_a_claim_that_outlasts_the_close_is_let_go_of_at_once(
    world: HostWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits for the listing of its results while the host drains, which another job keeps it busy with."""
    monkeypatch.setattr(intake, "CLOSE_S", 0.05)
    world.ocr.open_until = 0
    late, other = await world.accept(2), await world.accept(1)
    record = replace(queued_record(late), revision=1, status=JobStatus.EXTRACTING)
    await world.store.create(layout.record(late.prefix), encode(record))
    listing = world.store.fail("list", f"{late.prefix}page_", FaultKind.SLOW)
    host = world.host()
    await host.start()
    await until(lambda: listing.hits > 0 and world.ocr.waiting > 0)
    releasing = world.store.fail("replace", layout.record(other.prefix), FaultKind.SLOW)
    draining = asyncio.create_task(host.drain())
    await until(lambda: host.jobs[other.job_id].state.phase is Phase.RELEASING)
    assert (await world.record(late)).owner != ""
    listing.gate.set()
    async with asyncio.timeout(10):
        while (await world.record(late)).owner != "":
            await asyncio.sleep(0.005)
    releasing.gate.set()
    await draining
    assert (await world.record(other)).owner == ""


async def test_an_order_finds_room_on_a_full_host(world: HostWorld) -> None:
    world.ocr.open_until = 0
    host = world.host(most_live=1)
    await host.start()
    running, waiting = await world.accept(1), await world.accept(1)
    for marker in (running, waiting):
        await host.adopt(marker.job_id)
    await until(lambda: running.job_id in host.jobs)
    assert host.info()["jobs_waiting"] == 1
    await world.order(waiting, Operation.CANCEL)
    await host.notify(waiting.job_id)
    assert (await world.ended(waiting)).status is JobStatus.CANCELLED
    assert running.job_id in host.jobs
    world.ocr.gate.set()
    assert (await world.ended(running)).status is JobStatus.COMPLETED
    await host.drain()


async def test_an_order_to_a_suspect_finds_room_on_a_full_host(world: HostWorld) -> None:
    world.ocr.open_until = 0
    first, second = await _suspect(world), await _suspect(world)
    host = world.host(most_live=1)
    await host.start()
    await until(lambda: first.job_id in host.jobs)
    assert host.info()["jobs_waiting"] == 1
    await world.order(second, Operation.CANCEL)
    await host.notify(second.job_id)
    assert (await world.ended(second)).status is JobStatus.CANCELLED
    assert first.job_id in host.jobs
    world.ocr.gate.set()
    assert (await world.ended(first)).status is JobStatus.COMPLETED
    await host.drain()


async def test_a_claim_whose_stock_took_longer_than_a_silence_is_verified(world: HostWorld) -> None:
    """Another cluster's host takes the job while ours waits for the listing of its results."""
    marker = await world.accept(2)
    record = replace(queued_record(marker), epoch=1, revision=1, status=JobStatus.EXTRACTING)
    await world.store.create(layout.record(marker.prefix), encode(record))
    host = world.host()
    await host.start()
    listing = world.store.fail("list", f"{marker.prefix}page_", FaultKind.SLOW)
    await host.adopt(marker.job_id)
    await until(lambda: listing.hits > 0)
    await world.rob(marker)
    host.intake._heartbeat.silences += 1
    listing.gate.set()
    await until(lambda: host.intake.fenced == 1)
    assert marker.job_id not in host.jobs
    assert world.ocr.reads == {}


async def test_what_goes_wrong_with_one_job_is_left_to_the_next_sweep(
    world: HostWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a marker that can't be removed nor what nobody foresaw ends in an exception that nobody takes."""
    unheard: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    damaged, odd = await world.accept(1), await world.accept(1)
    await world.store.put(layout.marker(damaged.job_id), b"{}")
    refused = world.store.fail("delete", layout.marker(damaged.job_id), FaultKind.UNAVAILABLE)
    broken, sound = [odd.job_id], intake.read_marker

    def read_marker(job_id: str, blob: Blob) -> Marker:
        if job_id in broken:
            broken.remove(job_id)
            raise OSError("not today")
        return sound(job_id, blob)

    monkeypatch.setattr(intake, "read_marker", read_marker)
    host = world.host(sweep_s=0.05)
    await host.start()
    assert (await world.ended(odd)).status is JobStatus.COMPLETED
    await until(lambda: layout.quarantine(damaged.job_id) in world.store.writes and refused.hits == 1)
    await until(lambda: not host.intake.waiting)
    while await world.marker_stands(damaged):
        await asyncio.sleep(0.01)
    gc.collect()
    assert (unheard, broken) == ([], [])
    await host.drain()
