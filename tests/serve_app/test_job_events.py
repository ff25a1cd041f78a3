"""What ends a stream, what holds it up, and what it leaves out."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace

import pytest

from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.clock import settle
from cluster.record import JobStatus, Tombstone
from serve_app.found import Found
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import Server
from tests.serve_app.event_listener import Listener
from tests.serve_app.stream_jobs import finished, job, stored


@pytest.mark.parametrize("through", ["host", "store"])
async def test_a_job_that_is_deleted_ends_the_stream(web: Server, through: str) -> None:
    record = job(1)
    await stored(web, record, 1)
    if through == "store":
        web.gateway.forget(record.job_id)
    listener = Listener(web.app, record.job_id)
    await listener.page()
    deleting = replace(record, status=JobStatus.DELETING, pages={}, revision=9)
    await web.save(deleting)
    if through == "host":
        web.gateway.show(deleting)
    await settle()
    await web.clock.advance(1.5)
    assert await listener.event() is None
    await asyncio.wait_for(listener.task, 5)


async def test_a_finished_job_that_is_deleted_while_its_pages_are_taken(web: Server) -> None:
    record = await finished(web, job(pages=50))
    listener = Listener(web.app, record.job_id)
    for _ in range(3):
        await listener.page()
    await web.save(Tombstone(record.job_id, 1, 9))
    await web.clock.advance(1.5)
    assert len(await listener.rest()) <= 2, "only what was on its way"


async def test_a_slow_reader_makes_nothing_pile_up(web: Server) -> None:
    record = await finished(web, job(pages=200))
    listener = Listener(web.app, record.job_id)
    for _ in range(5):
        await listener.page()
    await settle(200)
    reads = [op.name for op in web.store.log if op.operation == "read" and op.name.endswith("_result.json")]
    assert len(reads) <= 5 + 3, "the texts of the pages taken, and of the next two"
    await listener.leave()


async def test_a_store_that_is_away_in_the_middle(web: Server) -> None:
    record = await finished(web, job(pages=20))
    listener = Listener(web.app, record.job_id)
    await listener.page()
    away = web.store.fail("read", "*", FaultKind.UNAVAILABLE, count=None)
    rest = asyncio.create_task(listener.rest())
    for _ in range(4):
        await web.clock.advance(1)
    assert not rest.done()
    assert away.hits >= 3
    away.count = 0
    await web.clock.advance(2)
    events = await rest
    assert [event.data["page"] for event in events if event.name == "page"] == list(range(2, 21))
    assert events[-1].name == "done"


def records_in_memory(job_id: str) -> int:
    gc.collect()
    found = (kept for kept in gc.get_objects() if type(kept) is Found)  # isinstance asks proxies for their class
    return sum(kept.record.job_id == job_id for kept in found)


@pytest.mark.parametrize("state", ["missing", "unreadable"])
async def test_a_result_that_cannot_be_read_is_a_page_without_text(web: Server, state: str) -> None:
    record = await finished(web, job())
    name = layout.page_result(layout.job_prefix(ANONYMOUS, record.job_id), 2)
    if state == "missing":
        await web.store.delete(name)
    else:
        await web.store.put(name, b"{")
    events = await Listener(web.app, record.job_id).rest()
    assert [event.data.get("text") for event in events[1:4]] == ["text 1", None, "text 3"]
    assert events[-1].name == "done"


@pytest.mark.parametrize("state", ["live", "ended"])
async def test_listeners_share_the_record(web: Server, state: str) -> None:
    """A record of its own for each would weigh megabytes where a document has thousands of pages."""
    record = job(1, 2, 3, pages=6)
    if state == "live":
        await stored(web, record, 1, 2, 3)
    else:
        record = await finished(web, record)
    kept_before = records_in_memory(record.job_id)
    listeners = [Listener(web.app, record.job_id) for _ in range(20)]
    for listener in listeners:
        await listener.page()
        await web.clock.advance(1.1)
        await listener.page()
    assert records_in_memory(record.job_id) - kept_before <= 3
    for listener in listeners:
        await listener.leave()
