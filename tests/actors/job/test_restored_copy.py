"""A copy of the store made while jobs run, by the steps of docs/operations.md, and what becomes of the jobs in it.

A job's life is told once, and what is stored is kept at its moments. Each step of a copy may find any moment from the
one that the last step found on: every copy that this makes is restored, and a host of another cluster starts on it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from itertools import combinations_with_replacement
from pathlib import Path

from actors.job.job_host import JobHost
from cluster import layout
from cluster.ids import slot_of
from cluster.marker import Marker, Operation
from cluster.record import JobRecord, JobStatus, PageStatus, Tombstone, decode
from tests.actors.job.host_world import HostWorld, until

REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = 5
JOB = "0197a3c0-0000-7000-8000-000000000001"

Stored = Mapping[str, bytes]
"""What is stored, by name."""
Moments = list[Stored]
Story = Callable[[HostWorld, Moments], Awaitable[Marker]]


def _is_marker(name: str) -> bool:
    return name.startswith("active/")


def _is_record(name: str) -> bool:
    return name.endswith(f"/{layout.RECORD}")


def _is_other(name: str) -> bool:
    return not (_is_marker(name) or _is_record(name))


STEPS = (_is_marker, _is_record, _is_marker, _is_other)
"""What a record tells of is copied after it, so that it is there; its marker before it and once more."""


# ---------------------------------------------------------------- lives


async def read(world: HostWorld, moments: Moments) -> Marker:
    moments.append(await stored(world))
    host, marker = await half_read(world, moments)
    await read_on(world, marker)
    moments.append(await stored(world))
    await host.drain()
    return marker


async def cancelled_and_read_on(world: HostWorld, moments: Moments) -> Marker:
    moments.append(await stored(world))
    host, marker = await half_read(world, moments)
    await world.order(marker, Operation.CANCEL)
    await host.notify(marker.job_id)
    await world.ended(marker)
    moments.append(await stored(world))
    await world.order(marker, Operation.RUN, run=2)
    moments.append(await stored(world))
    await host.adopt(marker.job_id)
    await until_stored(world, marker, lambda record: record.run == 2 and record.status is JobStatus.PROCESSING)
    moments.append(await stored(world))
    await read_on(world, marker)
    moments.append(await stored(world))
    await host.drain()
    return marker


async def deleted(world: HostWorld, moments: Moments) -> Marker:
    moments.append(await stored(world))
    host, marker = await half_read(world, moments)
    await world.order(marker, Operation.DELETE)
    moments.append(await stored(world))
    await host.notify(marker.job_id)
    await world.deleted(marker)
    moments.append(await stored(world))
    await host.drain()
    return marker


async def half_read(world: HostWorld, moments: Moments) -> tuple[JobHost, Marker]:
    """Accepted; then two pages are stored, and the record tells of them."""
    world.ocr.open_until = 2
    host = world.host()
    await host.start()
    marker = await world.accept(PAGES)
    moments.append(await stored(world))
    await host.adopt(marker.job_id)
    await until_stored(world, marker, lambda record: record.pages_completed == 2)
    moments.append(await stored(world))
    return host, marker


async def read_on(world: HostWorld, marker: Marker) -> None:
    world.ocr.open_until = PAGES
    world.ocr.gate.set()
    assert (await world.ended(marker)).status is JobStatus.COMPLETED


# ---------------------------------------------------------------- copies


async def test_a_job_that_was_accepted_before_a_copy_began_ends_in_it() -> None:
    """The stories are told side by side: most of their time is the pause between two saves of a record."""
    await asyncio.gather(*(tell(story) for story in (read, cancelled_and_read_on, deleted)))


async def tell(story: Story) -> None:
    moments: Moments = []
    marker = await story(HostWorld(), moments)
    copies = {copy_of(moments, found): found for found in combinations_with_replacement(range(len(moments)), 4)}
    assert len(copies) > 10, "the steps find different things"
    where = f"{story.__name__}, the steps found"
    await asyncio.gather(*(judge(dict(copy), marker, moments, found, where) for copy, found in copies.items()))


def test_the_documented_commands_copy_what_the_steps_do() -> None:
    """What an ``--exclude`` of gcloud leaves, a Python regex on names below the folder that is copied."""
    text = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")
    records, others = (re.compile(pattern) for pattern in re.findall(r"gcloud .*--exclude='(.+)'", text))
    job = layout.job_prefix("reader@example.org", JOB)
    names = [layout.marker(JOB), layout.record(job), layout.page_result(job, 1), layout.raw(job, "pdf")]
    names += [
        layout.index("reader@example.org", JOB),
        layout.upload_info("u"),
        layout.RETENTION,
        layout.quarantine(JOB),
    ]
    users = [name.removeprefix(layout.USERS) for name in names if name.startswith(layout.USERS)]
    assert [name for name in users if not records.match(name)] == [name for name in users if _is_record(name)]
    assert [name for name in names if not others.match(name)] == [name for name in names if _is_other(name)]
    assert others.match(layout.heartbeat("c", "h", 1))


def copy_of(moments: Moments, found: tuple[int, ...]) -> frozenset[tuple[str, bytes]]:
    """The copy whose steps find these moments."""
    copy: dict[str, bytes] = {}
    for moment, step in zip(found, STEPS, strict=True):
        copy |= {name: data for name, data in moments[moment].items() if step(name)}
    return frozenset(copy.items())


async def judge(copy: Stored, marker: Marker, moments: Moments, found: tuple[int, ...], where: str) -> None:
    """Restores the copy, has a host start on it, and tells whether all is well with the job."""
    where = f"{where} {found}"
    record_name, marker_name = layout.record(marker.prefix), layout.marker(marker.job_id)
    world = HostWorld()
    for name, data in copy.items():
        await world.store.create(name, data)
    host = world.host(cluster="c2", name="job-host-b-0", beat_s=0.02, slots=[slot_of(marker.job_id)])
    await host.start()
    if marker_name not in copy:
        if record_name not in copy:
            assert marker_name not in moments[found[0]], where
            return
        if not over(decode(copy[record_name])):
            # It was ordered and ended between the two looks at markers; its user may end it.
            assert marker_name not in moments[found[0]], where
            assert found[0] < found[1] < found[2], where
            await world.order(marker, Operation.CANCEL)
            await host.notify(marker.job_id)
    async with asyncio.timeout(20):
        while await world.marker_stands(marker):
            await asyncio.sleep(0.01)
    record = await world.stored(marker)
    assert over(record), where
    last = moments[found[-1]].get(record_name)
    gone_meanwhile = last is not None and isinstance(decode(last), Tombstone)
    if isinstance(record, JobRecord) and not gone_meanwhile:
        names = await world.names(marker.prefix)
        pages = [n for n, page in record.pages.items() if page.status is PageStatus.COMPLETED]
        assert [n for n in pages if layout.page_result(marker.prefix, n) not in names] == [], where
    await host.drain()


def over(record: JobRecord | Tombstone) -> bool:
    return isinstance(record, Tombstone) or record.terminal


async def stored(world: HostWorld) -> Stored:
    return {name: (await world.store.read(name)).data for name in await world.names()}


async def until_stored(world: HostWorld, marker: Marker, condition: Callable[[JobRecord], bool]) -> None:
    await until(lambda: world.store.writes[layout.record(marker.prefix)] > 0)
    async with asyncio.timeout(10):
        while not condition(await world.record(marker)):
            await asyncio.sleep(0.01)
