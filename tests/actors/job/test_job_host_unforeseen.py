"""What nobody foresaw leaves no job hanging."""

from __future__ import annotations

import pytest

from actors.render.protocol import DocumentRef, OpenedDocument
from cluster.errors import DocumentError
from cluster.record import JobRecord, JobStatus
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


async def test_a_job_whose_end_could_be_told_to_nobody_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal record is stored, and the counting of it breaks: the next sweep finds a job that has ended."""
    world = HostWorld()
    host = world.host(sweep_s=0.2)
    counted = host._services.meter.job_ended
    broken = [True]

    def breaks_once(record: JobRecord) -> None:
        if broken.pop() if broken else False:
            raise ValueError("no such time")
        counted(record)

    monkeypatch.setattr(host._services.meter, "job_ended", breaks_once)
    await host.start()
    marker = await world.accept(2)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.epoch, broken) == (JobStatus.COMPLETED, 1, [])
    assert host.jobs == {}
    await host.drain()
