"""What a JobHost does with records and markers that it can't read, or that are of another version; the others go on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson
import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.errors import BlobNotFound
from cluster.marker import Marker, Operation, encode_marker, queued_record
from cluster.record import JobStatus, encode
from tests.actors.job.host_world import HostWorld, until
from tests.conftest import REPOSITORY

DAMAGE = [b"", b"not json", b"[]", b'{"schema_version": 1}', b'{"schema_version": "one"}']


@pytest.fixture
def world() -> HostWorld:
    return HostWorld()


async def quarantined(world: HostWorld, job_id: str) -> bytes:
    """Waits until the job's marker was put aside; what stands in quarantine."""
    async with asyncio.timeout(10):
        while await world.names(layout.marker(job_id)):
            await asyncio.sleep(0.01)
    return (await world.store.read(layout.quarantine(job_id))).data


@pytest.mark.parametrize("operation", [Operation.RUN, Operation.CANCEL, Operation.DELETE])
@pytest.mark.parametrize("data", DAMAGE)
async def test_a_damaged_record_is_left_for_a_person(world: HostWorld, data: bytes, operation: Operation) -> None:
    bad, good = await world.accept(1), await world.accept(1)
    await world.order(bad, operation)
    await world.store.create(layout.record(bad.prefix), data)
    host = world.host()
    await host.start()
    assert (await world.ended(good)).status is JobStatus.COMPLETED
    assert await quarantined(world, bad.job_id) == encode_marker(bad.ordered(operation))
    assert (await world.store.read(layout.record(bad.prefix))).data == data
    assert (await world.store.read(bad.prefix + bad.document.raw_file)).data.startswith(b"%PDF-")
    await host.drain()


async def test_a_record_whose_owner_is_none_is_damaged(world: HostWorld) -> None:
    bad, good = await world.accept(1), await world.accept(1)
    record = replace(queued_record(bad), owner="../../somewhere", epoch=1)
    await world.store.create(layout.record(bad.prefix), encode(record))
    host = world.host(beat_s=0.02)
    await host.start()
    assert await quarantined(world, bad.job_id) == encode_marker(bad)
    assert (await world.ended(good)).status is JobStatus.COMPLETED
    await host.drain()


async def test_a_damaged_marker_goes_to_quarantine_as_it_is(world: HostWorld) -> None:
    bad = await world.accept(1)
    await world.store.put(layout.marker(bad.job_id), b"{ half a marker")
    host = world.host()
    await host.start()
    assert await quarantined(world, bad.job_id) == b"{ half a marker"
    await host.drain()


@pytest.mark.parametrize("what", ["another job", "another folder", "all folders"])
async def test_a_marker_that_points_elsewhere_removes_nothing_there(world: HostWorld, what: str) -> None:
    victim = await world.accept(1)
    host = world.host()
    await host.start()
    await host.adopt(victim.job_id)
    await world.ended(victim)
    before = await world.names(victim.prefix)
    wrong: dict[str, Marker] = {
        "another job": victim,
        "another folder": replace(await world.accept(1), prefix=victim.prefix),
        "all folders": replace(await world.accept(1), prefix=layout.USERS),
    }
    bad = await world.accept(1)
    order = wrong[what].deletion("user")
    await world.store.put(layout.marker(bad.job_id), encode_marker(order))
    await host.adopt(bad.job_id)
    assert await quarantined(world, bad.job_id) == encode_marker(order)
    assert await world.names(victim.prefix) == before
    await host.drain()


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.LOST_ANSWER])
@pytest.mark.parametrize(("operation", "name"), [("create", "quarantine/*"), ("delete", "active/*")])
async def test_what_can_not_be_put_aside_now_is_at_the_next_sweep(
    world: HostWorld, kind: FaultKind, operation: str, name: str
) -> None:
    bad = await world.accept(1)
    await world.store.create(layout.record(bad.prefix), b"not json")
    world.store.fail(operation, name, kind)
    host = world.host(sweep_s=0.05)
    await host.start()
    assert await quarantined(world, bad.job_id) == encode_marker(bad)
    await host.drain()


async def test_an_order_that_comes_as_the_marker_is_put_aside_is_put_aside_too(world: HostWorld) -> None:
    """The marker goes at the generation that was read; what stands there then is met at the next sweep."""
    bad = await world.accept(1)
    await world.store.create(layout.record(bad.prefix), b"not json")
    removing = world.store.fail("delete", layout.marker(bad.job_id), FaultKind.SLOW)
    host = world.host(sweep_s=0.05)
    await host.start()
    await until(lambda: removing.hits > 0)
    await world.order(bad, Operation.CANCEL)
    removing.gate.set()
    await quarantined(world, bad.job_id)
    assert sum(op.operation == "delete" and op.name == layout.marker(bad.job_id) for op in world.store.log) == 1
    await host.drain()


async def test_a_checksum_that_does_not_match_is_no_damage(world: HostWorld) -> None:
    """What came back is not what is stored: it is read again."""
    marker = await world.accept(1)
    await world.store.create(layout.record(marker.prefix), encode(queued_record(marker)))
    world.store.fail("read", layout.record(marker.prefix), FaultKind.CORRUPT, 2)
    host = world.host(sweep_s=0.05)
    await host.start()
    assert (await world.ended(marker)).status is JobStatus.COMPLETED
    with pytest.raises(BlobNotFound):
        await world.store.read(layout.quarantine(marker.job_id))
    await host.drain()


@pytest.mark.parametrize("operation", [Operation.RUN, Operation.CANCEL, Operation.DELETE])
async def test_a_record_of_a_later_version_is_another_deployments(world: HostWorld, operation: Operation) -> None:
    theirs, ours = await world.accept(1), await world.accept(1)
    await world.order(theirs, operation)
    newer = b'{"schema_version": 2, "status": "dreaming"}'
    await world.store.create(layout.record(theirs.prefix), newer)
    before = await world.names(theirs.prefix)
    host = world.host(sweep_s=0.03)
    await host.start()
    assert (await world.ended(ours)).status is JobStatus.COMPLETED
    await asyncio.sleep(0.1)
    assert await world.names(theirs.prefix) == before
    assert (await world.store.read(layout.record(theirs.prefix))).data == newer
    assert (await world.store.read(layout.marker(theirs.job_id))).data == encode_marker(theirs.ordered(operation))
    await host.drain()


async def test_a_record_from_before_the_later_fields_is_taken_up(world: HostWorld) -> None:
    marker = await world.accept(2)
    early = (REPOSITORY / "tests" / "cluster" / "data" / "record-1-early.json").read_bytes()
    fields = orjson.loads(early) | {"job_id": marker.job_id, "user_email": marker.user_email}
    fields["pages"]["1"] = {"status": "pending"}  # its result is not stored here
    await world.store.create(layout.record(marker.prefix), orjson.dumps(fields))
    host = world.host()
    await host.start()
    record = await world.ended(marker)
    assert (record.status, record.epoch, record.pages_completed) == (JobStatus.COMPLETED, 1, 2)
    await host.drain()
