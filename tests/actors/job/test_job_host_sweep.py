"""The JobHost's sweep: every marker of its slots is found, whatever else goes wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.ids import SLOTS, slot_of
from cluster.marker import queued_record
from cluster.record import JobStatus, encode
from tests.actors.job.host_world import HostWorld, until


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def test_a_sweep_that_breaks_is_followed_by_another(world: HostWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    host = world.host(sweep_s=0.05)
    sound, calls = host.sweep, 0

    async def broken_once() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("no such thing as a sweep today")
        await sound()

    monkeypatch.setattr(host, "sweep", broken_once)
    marker = await world.accept(1)
    await host.start()
    assert (await world.ended(marker)).status is JobStatus.COMPLETED
    assert calls > 1
    await host.drain()


async def test_elders_that_cannot_be_told_to_go_keep_no_job_from_being_found(world: HostWorld) -> None:
    async def unreachable() -> None:
        raise OSError("nobody there")

    host = world.host(at_sweep=unreachable)
    marker = await world.accept(1)
    await host.start()
    assert (await world.ended(marker)).status is JobStatus.COMPLETED
    await host.drain()


async def test_a_slot_that_cannot_be_listed_keeps_no_other_waiting(world: HostWorld) -> None:
    marker = await world.accept(1)
    other = next(slot for slot in range(SLOTS) if slot != slot_of(marker.job_id))
    world.store.fail("list", layout.markers_of_slot(other), FaultKind.UNAVAILABLE, None)
    host = world.host()
    await host.start()
    assert (await world.ended(marker)).status is JobStatus.COMPLETED
    await host.drain()


async def test_an_owner_is_forgotten_with_the_last_marker_of_its_jobs(world: HostWorld) -> None:
    marker = await world.accept(1)
    owned = replace(queued_record(marker), owner="c9/job-host-z-0/00000001/y", epoch=1, revision=1)
    await world.store.create(layout.record(marker.prefix), encode(owned))
    host = world.host(sweep_s=0.05)
    await host.start()
    await until(lambda: bool(host.intake.awaiting))
    await world.store.delete(layout.marker(marker.job_id))
    await until(lambda: not host.intake.awaiting)
    await host.drain()
