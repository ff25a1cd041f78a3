"""Recovery at scale: it costs what is unfinished, not what there ever was; a bad job stops no other."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from actors.job.intake import CLAIMS_AT_ONCE
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import SLOTS, new_job_id
from cluster.marker import Marker, queued_record
from cluster.record import JobStatus, encode
from tests.actors.job.host_world import USER, HostWorld, until

UNFINISHED = 10


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def _finished(world: HostWorld, jobs: int) -> None:
    """Jobs that have ended: everything but a marker."""
    sample = await world.accept(1)
    await world.store.delete(layout.marker(sample.job_id))
    ended = replace(queued_record(sample), status=JobStatus.COMPLETED, percent=100, epoch=1, revision=9)

    async def store(job_id: str) -> None:
        prefix = layout.job_prefix(USER, job_id)
        await world.store.put(layout.record(prefix), encode(replace(ended, job_id=job_id)))
        await world.store.put(layout.page_result(prefix, 1), b"{}")

    await asyncio.gather(*(store(new_job_id()) for _ in range(jobs)))


async def _cost_of_recovery(world: HostWorld) -> Counter[tuple[str, str]]:
    """What a host that starts asks of the store until it has claimed every unfinished job: operation, kind of name."""
    world.ocr.open_until = 0
    markers = [await world.accept(2) for _ in range(UNFINISHED)]
    before = len(world.store.log)
    host = world.host()
    await host.start()
    await until(lambda: len(host.jobs) == UNFINISHED)
    kinds = {layout.record(marker.prefix): "record" for marker in markers}
    kinds |= {layout.marker(marker.job_id): "marker" for marker in markers}
    kinds |= {layout.markers_of_slot(slot): "slot" for slot in range(SLOTS)}
    await host.drain()
    reads = [op for op in world.store.log[before:] if op.operation in ("read", "list")]
    return Counter((op.operation, kinds.get(op.name, "other")) for op in reads if "hosts/" not in op.name)


async def test_ten_thousand_finished_jobs_cost_a_start_nothing() -> None:
    few, many = HostWorld(), HostWorld()
    await _finished(many, 10_000)
    cost = await _cost_of_recovery(many)
    assert cost[("list", "slot")] == SLOTS
    assert cost[("read", "marker")] == UNFINISHED
    assert cost == await _cost_of_recovery(few)


async def test_claims_are_few_at_a_time_and_the_oldest_come_first(world: HostWorld) -> None:
    jobs = sorted([(await world.accept(1)).job_id for _ in range(4 * CLAIMS_AT_ONCE)])
    claiming = world.store.fail("replace", "*/processing.json", FaultKind.SLOW, CLAIMS_AT_ONCE)
    host = world.host()
    await host.start()
    await until(lambda: claiming.hits == CLAIMS_AT_ONCE)
    await asyncio.sleep(0.1)
    read = [op.name for op in world.store.log if op.operation == "read" and op.name.startswith("active/")]
    assert [name.rpartition("/")[2] for name in read] == jobs[:CLAIMS_AT_ONCE]
    assert host.intake.waiting == len(jobs) - CLAIMS_AT_ONCE
    claiming.gate.set()
    await until(lambda: host.info()["jobs"] + host.intake.waiting == 0)
    await host.drain()


async def test_damaged_and_too_new_records_stop_no_other_job(world: HostWorld) -> None:
    markers = [await world.accept(1) for _ in range(3 * CLAIMS_AT_ONCE)]
    damaged, newer, good = markers[::3], markers[1::3], markers[2::3]
    for marker in damaged:
        await world.store.create(layout.record(marker.prefix), b'{"schema_version": 1')
    for marker in newer:
        await world.store.create(layout.record(marker.prefix), b'{"schema_version": 99, "status": "dreaming"}')
    host = world.host()
    await host.start()
    for marker in good:
        assert (await world.ended(marker)).status is JobStatus.COMPLETED
    await until(lambda: not host.intake.waiting)
    assert [await world.marker_stands(marker) for marker in newer] == [True] * len(newer)
    assert await _names(world, "quarantine/") == sorted(layout.quarantine(marker.job_id) for marker in damaged)
    assert [await world.marker_stands(marker) for marker in damaged] == [False] * len(damaged)
    await host.drain()


async def test_past_so_many_live_jobs_the_others_wait_their_turn(world: HostWorld) -> None:
    jobs: list[Marker] = [await world.accept(1) for _ in range(12)]
    host = world.host(most_live=3)
    most = 0

    def watch(_: object, __: object) -> None:
        nonlocal most
        most = max(most, len(host.jobs))

    world.store.observe = watch
    await host.start()
    for marker in jobs:
        assert (await world.ended(marker)).status is JobStatus.COMPLETED
    assert most == 3
    await host.drain()


async def _names(world: HostWorld, prefix: str) -> list[str]:
    return [info.name for info in await world.store.list(prefix)]
