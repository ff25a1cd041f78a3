"""What nobody foresaw leaves no job hanging."""

from __future__ import annotations

import pytest

from actors.render.protocol import DocumentRef, OpenedDocument
from cluster.errors import DocumentError
from cluster.record import JobStatus
from tests.actors.job.host_world import HostWorld


async def test_an_order_that_breaks_in_an_unforeseen_way_gives_the_job_up_for_the_next_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = HostWorld()
    host = world.host(sweep_s=0.2)
    opened = host._services.pool.open
    broken = [True]

    async def breaks_once(document: DocumentRef) -> OpenedDocument | DocumentError:
        if broken.pop() if broken else False:
            raise OSError("no space left in the scratch folder")
        return await opened(document)

    monkeypatch.setattr(host._services.pool, "open", breaks_once)
    await host.start()
    marker = await world.accept(2)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.epoch) == (JobStatus.COMPLETED, 2)
    await host.drain()
