"""Deletions on a JobHost over the in-memory store: what goes, what stays, and every moment at which a host may die."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import pytest

from actors.render.null_renderer import NullRenderer
from actors.render.protocol import RenderAnswer, RenderRequest
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.idempotency import IdempotencyEntry, encode_entry
from cluster.ids import new_job_id, user_hash
from cluster.marker import Marker, Operation, encode_marker, marker_of, queued_record
from cluster.record import JobRecord, JobStatus, Tombstone, encode
from tests.actors.job.host_world import USER, HostWorld, crash, until


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def order_deletion(world: HostWorld, marker: Marker) -> None:
    await world.order(marker, Operation.DELETE)


async def test_a_running_job_is_deleted(world: HostWorld) -> None:
    host, marker = await world.reading(key="k")
    before = await world.record(marker)
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    tombstone = await world.deleted(marker)
    assert (tombstone.epoch, tombstone.revision > before.revision) == (before.epoch, True)
    assert layout.idempotency(USER, "k") not in await world.names()
    await until(lambda: not host.lingering)
    assert host.jobs == {}
    await host.drain()


async def test_the_record_says_deleting_before_anything_is_removed(world: HostWorld) -> None:
    host, marker = await world.reading()
    saved = world.store.fail("replace", layout.record(marker.prefix), FaultKind.SLOW)
    before = await world.names(marker.prefix)
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    await until(lambda: saved.hits > 0)
    await asyncio.sleep(0.02)
    assert await world.names(marker.prefix) == before
    removing = world.store.fail("delete", marker.prefix + "*", FaultKind.SLOW)
    saved.gate.set()
    await until(lambda: removing.hits > 0)
    assert (await world.record(marker)).status is JobStatus.DELETING
    removing.gate.set()
    await world.deleted(marker)
    await host.drain()


@pytest.mark.parametrize("told", [True, False])
async def test_both_lines_of_the_audit_log_are_the_owner_s(
    world: HostWorld, audit_log: list[dict[str, Any]], told: bool
) -> None:
    """Whoever wrote the marker may have died with that: a host is told of it, or finds it."""
    if told:
        host, marker = await world.reading()
    else:
        host, marker = world.host(), await world.accept(3)
    await world.order(marker, Operation.DELETE, reason="retention")
    await (host.notify(marker.job_id) if told else host.start())
    await world.deleted(marker)
    assert [line["event"] for line in audit_log] == ["deletion_ordered", "job_deleted"]
    assert {(line["job_id"], line["user"], line["reason"]) for line in audit_log} == {
        (marker.job_id, user_hash(USER), "retention")
    }
    await host.drain()


async def test_the_order_is_in_the_audit_log_before_the_job_is_gone(
    world: HostWorld, audit_log: list[dict[str, Any]]
) -> None:
    host, marker = await world.reading()
    saved = world.store.fail("replace", layout.record(marker.prefix), FaultKind.SLOW)
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    await until(lambda: saved.hits > 0)
    assert [line["event"] for line in audit_log] == ["deletion_ordered"]
    crash(host)
    saved.gate.set()
    other = world.host()
    await other.start()
    await world.deleted(marker)
    assert [line["event"] for line in audit_log] == ["deletion_ordered", "deletion_ordered", "job_deleted"]
    await other.drain()


async def test_a_job_that_was_never_claimed(world: HostWorld) -> None:
    marker = await world.accept(3, key="k")
    await order_deletion(world, marker)
    host = world.host()
    await host.start()
    tombstone = await world.deleted(marker)
    assert tombstone.epoch == 1
    assert not world.ocr.reads
    assert layout.idempotency(USER, "k") not in await world.names()
    await host.drain()


async def test_a_job_that_ended_long_ago(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(3, key="k")
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    # Its marker is gone; the one made from the record lacks the key, which the index entry has kept.
    again = marker_of(record).deletion("user")
    assert again.idempotency is None
    await world.store.create(layout.marker(marker.job_id), encode_marker(again))
    await host.notify(marker.job_id)
    tombstone = await world.deleted(marker)
    assert tombstone.epoch == record.epoch + 1
    assert layout.idempotency(USER, "k") not in await world.names()
    await host.drain()


async def test_a_key_that_names_another_job_by_now_is_kept(world: HostWorld) -> None:
    marker = await world.accept(1, key="k")
    other = replace(marker, job_id=new_job_id())
    await world.store.put(layout.idempotency(USER, "k"), encode_entry(IdempotencyEntry("d", other)))
    await order_deletion(world, marker)
    host = world.host()
    await host.start()
    await world.deleted(marker)
    assert layout.idempotency(USER, "k") in await world.names()
    await host.drain()


async def test_an_order_given_while_the_host_claims(world: HostWorld) -> None:
    """The claim goes by the marker that was read; the notification waits for it."""
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    world.ocr.open_until = 0
    held = world.store.fail("replace", layout.record(marker.prefix), FaultKind.SLOW)
    await host.adopt(marker.job_id)
    await until(lambda: held.hits > 0)
    await order_deletion(world, marker)
    notifying = asyncio.create_task(host.notify(marker.job_id))
    await asyncio.sleep(0.02)
    held.gate.set()
    await notifying
    await world.deleted(marker)
    await host.drain()


async def test_an_order_that_comes_as_the_job_ends_is_not_removed_with_its_marker(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(1)
    settling = world.store.fail("delete", layout.marker(marker.job_id), FaultKind.SLOW)
    await host.adopt(marker.job_id)
    await until(lambda: settling.hits > 0)
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    settling.gate.set()
    await world.deleted(marker)
    await host.drain()


@dataclass
class DrawingRenderer(NullRenderer):
    """Stores page images as the real one does, once its gate is open, even where nobody waits for them any more."""

    store: MemoryBlobStore
    gate: asyncio.Event

    def __post_init__(self) -> None:
        super().__init__(self.store)

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        await asyncio.shield(asyncio.ensure_future(self._draw(requests)))
        return await super().render(requests)

    async def _draw(self, requests: list[RenderRequest]) -> None:
        await self.gate.wait()
        for request in requests:
            await self.store.put(layout.page_image(request.document.prefix, request.page), b"png")


async def test_calls_in_flight_leave_nothing_behind(world: HostWorld) -> None:
    renderer = DrawingRenderer(world.store, asyncio.Event())
    world.renderer, world.call_s = renderer, 0.3
    host = world.host()
    await host.start()
    marker = await world.accept(3)
    await host.adopt(marker.job_id)
    await until(lambda: marker.job_id in host.jobs and host.info()["pages_in_flight"] == 3)
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    await until(lambda: bool(host.lingering))
    renderer.gate.set()
    await until(lambda: sum(op.name.endswith(".png") for op in world.store.log) == 3)
    assert await world.marker_stands(marker)
    assert len(await world.names(marker.prefix)) == 4
    await world.deleted(marker)
    assert host.info()["pages_in_flight"] == 0
    await host.drain()


async def test_calls_of_an_owner_that_died_leave_nothing_behind(world: HostWorld) -> None:
    world.call_s = 0.3
    marker = await world.accept(1)
    await order_deletion(world, marker)
    host = world.host()
    await host.start()
    await until(lambda: bool(host.lingering))
    await world.store.put(layout.page_image(marker.prefix, 1), b"late")
    await world.store.put(layout.output(marker.prefix, 1, 1, "md"), b"late")
    await asyncio.sleep(0.1)
    assert await world.marker_stands(marker)
    await world.deleted(marker)
    await host.drain()


async def test_a_result_that_was_being_stored_is_dropped(world: HostWorld) -> None:
    host = world.host()
    await host.start()
    marker = await world.accept(1)
    world.store.fail("create", layout.page_result(marker.prefix, 1), FaultKind.UNAVAILABLE, None)
    await host.adopt(marker.job_id)
    await until(lambda: 1 in world.ocr.reads)
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    world.store.faults.clear()
    await world.deleted(marker)
    await asyncio.sleep(0.3)  # longer than the pause before the result would be tried again
    assert await world.names(marker.prefix) == [layout.record(marker.prefix)]
    await host.drain()


@pytest.mark.parametrize("operation", [Operation.RUN, Operation.CANCEL])
async def test_an_old_order_brings_nothing_back(world: HostWorld, operation: Operation) -> None:
    """A marker that lands late over a tombstone, and one that stands over a record being deleted."""
    marker = await world.accept(2)
    await order_deletion(world, marker)
    host = world.host(sweep_s=0.05)
    await host.start()
    await world.deleted(marker)
    await world.store.create(layout.marker(marker.job_id), encode_marker(marker.ordered(operation)))
    await world.deleted(marker)
    assert not world.ocr.reads
    other = await world.accept(2)
    half = replace(queued_record(other), status=JobStatus.DELETING, epoch=3, revision=7)
    await world.store.create(layout.record(other.prefix), encode(half))
    await world.order(other, operation)
    async with asyncio.timeout(10):
        while isinstance(await world.stored(other), JobRecord):
            await asyncio.sleep(0.01)
    await host.drain()


async def test_a_first_record_that_lands_late_finds_its_name_taken(world: HostWorld) -> None:
    marker = await world.accept(1)
    late = world.store.fail("replace", layout.record(marker.prefix), FaultKind.SLOW)
    stale = world.host(cluster="c2", name="job-host-b-0")
    await stale.start()
    await until(lambda: late.hits > 0)
    await order_deletion(world, marker)
    host = world.host()
    await host.start()
    await until(lambda: bool(host.lingering))
    late.gate.set()
    await world.deleted(marker)
    await until(lambda: not stale.jobs)
    await asyncio.sleep(0.02)
    assert isinstance(await world.stored(marker), Tombstone)


async def test_a_drain_lets_another_host_finish(world: HostWorld) -> None:
    host, marker = await world.reading()
    removing = world.store.fail("delete", marker.prefix + "*", FaultKind.SLOW, None)
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    await until(lambda: removing.hits > 0)
    await host.drain()
    assert (await world.record(marker)).owner == ""
    removing.gate.set()
    other = world.host(cluster="c2", name="job-host-b-0")
    await other.start()
    await world.deleted(marker)
    await other.drain()


async def test_a_drain_while_lingering_leaves_the_rest_to_the_next(world: HostWorld) -> None:
    world.call_s = 60
    host, marker = await world.reading()
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    await until(lambda: bool(host.lingering))
    await host.drain()
    assert host.lingering == {}
    assert await world.marker_stands(marker)
    world.call_s = 0.05
    other = world.host(cluster="c2", name="job-host-b-0")
    await other.start()
    await world.deleted(marker)
    await other.drain()


async def test_a_job_that_lingers_is_not_fenced(world: HostWorld) -> None:
    """Its record was being read again when the tombstone took its place, and somebody has written over that since."""
    world.call_s = 0.3
    host, marker = await world.reading()
    await order_deletion(world, marker)
    await host.notify(marker.job_id)
    await until(lambda: bool(host.lingering))
    await world.store.put(layout.record(marker.prefix), encode(Tombstone(marker.job_id, 7, 70)))
    await host.lingering[marker.job_id].verify()
    assert list(host.lingering) == [marker.job_id]
    assert (await world.deleted(marker)).epoch == 7
    await host.drain()


async def test_jobs_that_linger_take_no_place(world: HostWorld) -> None:
    world.call_s = 60
    gone = [await world.accept(1) for _ in range(3)]
    for marker in gone:
        await order_deletion(world, marker)
    host = world.host(most_live=1)
    await host.start()
    await until(lambda: len(host.lingering) == 3)
    living = await world.accept(1)
    await host.adopt(living.job_id)
    assert (await world.ended(living)).status is JobStatus.COMPLETED
    await host.drain()


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.LOST_ANSWER, FaultKind.THROTTLED])
@pytest.mark.parametrize("operation", ["read", "list", "replace", "put", "delete"])
async def test_storage_faults_delay_a_deletion(world: HostWorld, operation: str, kind: FaultKind) -> None:
    host, marker = await world.reading(key="k")
    await order_deletion(world, marker)
    world.store.fail(operation, "users/*", kind)
    world.store.fail(operation, "active/*", kind)
    await host.notify(marker.job_id)
    await world.deleted(marker, 20)
    await host.drain()
