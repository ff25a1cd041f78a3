"""Retries on a JobHost over the in-memory store: what is read again, what stays, and what becomes of the outputs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from actors.job.ports import ReplicaLost
from actors.render.null_renderer import NullRenderer
from actors.render.protocol import DocumentRef, OpenedDocument
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import DocumentEncrypted, DocumentError, EngineFailed
from cluster.marker import Marker, Operation, encode_marker, marker_of, queued_record
from cluster.page_text import PageResult, PageText, encode_result
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus, encode
from tests.actors.job.host_world import HostWorld, until

BAD = [EngineFailed("ever")] * 3


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


@dataclass
class LockedRenderer(NullRenderer):
    """Opens with a password alone, and dies ``deaths`` times first. passwords: that it was given."""

    store: MemoryBlobStore
    deaths: int = 0
    passwords: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.store)

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        self.passwords.append(document.password)
        if self.deaths:
            self.deaths -= 1
            raise ReplicaLost("died")
        return await super().open(document) if document.password else DocumentEncrypted()


async def partial(world: HostWorld, pages: int = 3) -> tuple[Marker, JobRecord]:
    """A job that ended with its second page failed; its host is drained."""
    world.ocr.faults = {2: list(BAD)}
    host = world.host()
    await host.start()
    marker = await world.accept(pages)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    await host.drain()
    assert record.status is JobStatus.PARTIAL
    return marker, record


async def test_a_retry_ordered_while_no_host_was_up_is_not_lost(world: HostWorld) -> None:
    marker, _ = await partial(world)
    await world.order(marker, Operation.RUN, run=2)
    host = world.host()
    await host.start()
    record = await world.ended(marker)
    assert (record.status, record.run, record.pages_completed) == (JobStatus.COMPLETED, 2, 3)
    assert world.ocr.reads == {1: 1, 2: 1, 3: 1}
    await host.drain()


async def test_outputs_of_the_run_before_are_named_no_more(world: HostWorld) -> None:
    marker, before = await partial(world)
    world.ocr.open_until = 1
    await world.order(marker, Operation.RUN, run=2)
    host = world.host()
    await host.start()
    await until(lambda: marker.job_id in host.jobs)
    running = await world.record(marker)
    assert (running.run, running.outputs, running.terminal) == (2, {}, False)
    world.ocr.gate.set()
    after = await world.ended(marker)
    assert set(after.outputs) == {"md", "txt"}
    assert not set(after.outputs.values()) & set(before.outputs.values())
    assert after.outputs["txt"] == f"result-2-{after.epoch}.txt"
    text = (await world.store.read(marker.prefix + after.outputs["txt"])).data.decode()
    assert "page 2" in text
    await host.drain()


async def test_a_second_run_that_fails_again_is_partial_again(world: HostWorld) -> None:
    marker, _ = await partial(world)
    world.ocr.faults = {2: list(BAD)}
    await world.order(marker, Operation.RUN, run=2)
    host = world.host()
    await host.start()
    record = await world.ended(marker)
    assert (record.status, record.run, record.pages[2].attempts) == (JobStatus.PARTIAL, 2, 3)
    await host.drain()


async def test_a_retry_that_comes_as_the_job_ends_is_not_removed_with_its_marker(world: HostWorld) -> None:
    world.ocr.faults = {2: list(BAD)}
    host = world.host()
    await host.start()
    marker = await world.accept(2)
    settling = world.store.fail("delete", layout.marker(marker.job_id), FaultKind.SLOW)
    await host.adopt(marker.job_id)
    await until(lambda: settling.hits > 0)
    await world.order(marker, Operation.RUN, run=2)
    await host.notify(marker.job_id)
    settling.gate.set()
    record = await world.ended(marker)
    assert (record.status, record.run) == (JobStatus.COMPLETED, 2)
    await host.drain()


async def test_a_job_cancelled_before_it_was_opened_is_opened(world: HostWorld) -> None:
    marker = await world.accept(2)
    await world.order(marker, Operation.CANCEL)
    host = world.host()
    await host.start()
    cancelled = await world.ended(marker)
    assert (cancelled.status, cancelled.pages) == (JobStatus.CANCELLED, {})
    await world.order(marker, Operation.RUN, run=2)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.pages_completed) == (JobStatus.COMPLETED, 2)
    await host.drain()


async def test_a_retry_with_the_password(world: HostWorld) -> None:
    renderer = LockedRenderer(world.store)
    world.renderer = renderer
    host = world.host()
    await host.start()
    marker = await world.accept(2)
    await host.adopt(marker.job_id)
    failed = await world.ended(marker)
    assert failed.error is not None
    assert failed.error.code == "document_encrypted"
    again = replace(marker_of(failed), run=2, password="open sesame")
    await world.store.create(layout.marker(marker.job_id), encode_marker(again))
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.error) == (JobStatus.COMPLETED, None)
    assert renderer.passwords == [None, "open sesame"]
    for name in await world.names():
        assert b"open sesame" not in (await world.store.read(name)).data
    await host.drain()


async def test_a_job_that_took_its_hosts_down_is_tried_again_when_it_is_asked_for(world: HostWorld) -> None:
    """Its finished pages are not read again."""
    marker = await world.accept(2)
    result = PageResult(marker.job_id, 1, 1, 1, 1, 612, 792, None, 0, 0, PageText("stored", engine="scripted"))
    await world.store.create(layout.page_result(marker.prefix, 1), encode_result(result))
    done = PageRecord(PageStatus.COMPLETED, result_file=layout.page_result_file(1), run=1)
    stuck = replace(queued_record(marker), owner="c1/job-host-a-0/00000000/x", epoch=3, recoveries=2)
    stuck = replace(stuck, pages={1: done, 2: PageRecord()}, pages_completed=1)
    await world.store.create(layout.record(marker.prefix), encode(stuck))
    host = world.host()
    await host.start()
    failed = await world.ended(marker)
    assert failed.error is not None
    assert failed.error.code == "recovery_failed"
    assert failed.pages[2].status is PageStatus.SKIPPED
    await world.order(marker, Operation.RUN, run=2)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.recoveries) == (JobStatus.COMPLETED, 0)
    assert world.ocr.reads == {2: 1}
    await host.drain()


async def test_cancelling_a_retry(world: HostWorld) -> None:
    marker, _ = await partial(world)
    world.ocr.open_until = 1
    await world.order(marker, Operation.RUN, run=2)
    host = world.host()
    await host.start()
    await until(lambda: marker.job_id in host.jobs)
    await world.order(marker, Operation.CANCEL, run=2)
    await host.notify(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.run) == (JobStatus.CANCELLED, 2)
    assert [record.pages[n].status for n in (1, 2, 3)] == [
        PageStatus.COMPLETED,
        PageStatus.SKIPPED,
        PageStatus.COMPLETED,
    ]
    await host.drain()
