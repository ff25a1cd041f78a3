"""A deletion is finished by recovery, whatever its host had done of it when it died."""

from __future__ import annotations

import asyncio

import pytest

from actors.job.job_host import JobHost
from cluster import layout
from cluster.ids import slot_of
from cluster.marker import Marker, Operation
from tests.actors.job.host_world import USER, HostWorld, crash


async def crash_after(steps: int, world: HostWorld, host: JobHost, marker: Marker) -> bool:
    """Lets the store do so many more operations, then the host is gone. False: the deletion had ended before."""
    log = world.store.log
    last = len(log) + steps
    while len(log) < last:
        if (log[-1].operation, log[-1].name) == ("delete", layout.marker(marker.job_id)):
            return False
        await asyncio.sleep(0)
    crash(host)
    return True


@pytest.mark.parametrize("claimed", [True, False])
async def test_a_crash_at_every_step_is_finished_by_recovery(claimed: bool) -> None:
    steps, crashed = 0, True
    while crashed:
        world = HostWorld(call_s=0)
        if claimed:
            host, marker = await world.reading(pages=3, key="k")
        else:
            marker = await world.accept(3, key="k")
            host = world.host(slots={slot_of(marker.job_id)})
        await world.order(marker, Operation.DELETE)
        acting = asyncio.create_task(host.notify(marker.job_id) if claimed else host.start())
        crashed = await crash_after(steps, world, host, marker)
        await asyncio.gather(acting, return_exceptions=True)
        again = world.host(slots={slot_of(marker.job_id)})
        await again.start()
        tombstone = await world.deleted(marker)
        assert tombstone.epoch <= 3
        assert layout.idempotency(USER, "k") not in await world.names()
        crash(again)
        steps += 1
    assert steps > 15, "there is that much to interrupt"
