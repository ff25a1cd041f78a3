"""A client that goes away, at whichever step of its request, cancels nothing but its own answer.

Serve tells of it by cancelling the handler's task. Here the task is cancelled after one turn of the event loop, after
two, and so on, until the request is through.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from cluster import layout
from cluster.clock import settle
from cluster.record import JobStatus, PageRecord, PageStatus
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import PDF, Server, ended, job_marker, job_record, server
from tests.serve_app.event_listener import Listener
from tests.serve_app.stream_jobs import DONE

MOST_TURNS = 400


@asynccontextmanager
async def a_server() -> AsyncIterator[Server]:
    made = server()
    async with made.client:
        yield made


async def _cancelled_after(task: asyncio.Task[httpx.Response], turns: int) -> bool:
    """Cancels the task after so many turns; False where it was done before."""
    for _ in range(turns):
        if task.done():
            return False
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await settle(100)
    return task.cancelled()


async def _no_task_is_left(web: Server) -> None:
    """Once nobody has asked for anything in a while, the app has no task of its own."""
    for _ in range(40):
        await web.clock.advance(1)
    await settle(50)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left, left
    assert web.gateway.watching == 0


@pytest.mark.parametrize("wait", ["", "?wait=30"])
async def test_a_submission_is_accepted_whole_or_not_at_all(wait: str) -> None:
    outcomes = set()
    for turns in range(1, MOST_TURNS):
        async with a_server() as web:
            headers = {"Content-Type": "application/pdf", "Idempotency-Key": "k"}
            task = asyncio.create_task(web.client.post(f"/api/jobs{wait}", content=PDF, headers=headers))
            through = not await _cancelled_after(task, turns)
            markers, uploads = await web.names("active/"), [n for n in await web.names("users/") if "/raw/" in n]
            assert len(markers) == len(uploads) <= 1
            if markers:
                assert web.gateway.adopted == [markers[0].rpartition("/")[2]], "the hosts are told in any case"
            else:
                assert await web.names() == []
            outcomes.add((bool(markers), through))
            again = await web.client.post("/api/jobs", content=PDF, headers=headers)
            assert again.status_code == 202
            assert len(await web.names("active/")) == 1, "the key stands for the one job"
            await _no_task_is_left(web)
        if through or (wait and turns > 150):
            break
    assert {(False, False), (True, False)} <= outcomes


@pytest.mark.parametrize("order", ["cancel", "retry", "delete"])
async def test_an_order_is_given_to_its_end_once_it_is_begun(order: str) -> None:
    given = set()
    for turns in range(1, MOST_TURNS):
        async with a_server() as web:
            record = job_record()
            if order == "retry":
                pages = {1: DONE, 2: PageRecord(PageStatus.FAILED)}
                record = ended(replace(record, pages=pages), JobStatus.PARTIAL)
            else:
                await web.mark(job_marker(record.job_id))
            await web.save(record)
            url = f"/api/jobs/{record.job_id}"
            method, path = ("DELETE", url) if order == "delete" else ("POST", f"{url}/{order}")
            task = asyncio.create_task(web.client.request(method, path))
            assert await _cancelled_after(task, turns)
            stands = False
            if markers := await web.names("active/"):
                operation = {"cancel": b'"cancel"', "retry": b'"run":2', "delete": b'"delete"'}[order]
                stands = operation in (await web.store.read(markers[0])).data.replace(b" ", b"")
            assert web.gateway.notified == [record.job_id] * stands
            given.add(stands)
            await _no_task_is_left(web)
        if given == {True, False} and turns > 60:
            break
    assert given == {True, False}


async def test_one_who_waits_for_a_change_leaves_and_the_others_are_told() -> None:
    for turns in range(1, 60):
        async with a_server() as web:
            record = job_record()
            web.gateway.show(record)
            url, known = f"/api/jobs/{record.job_id}/status?wait=60", {"If-None-Match": '"1-4"'}
            leaving = asyncio.create_task(web.client.get(url, headers=known))
            staying = asyncio.create_task(web.client.get(url, headers=known))
            assert await _cancelled_after(leaving, turns)
            assert not staying.done()
            assert web.gateway.watching == 1, "the watch that both wait for goes on"
            web.gateway.show(ended(record))
            assert (await asyncio.wait_for(staying, 5)).json()["status"] == "completed"
            await _no_task_is_left(web)


@pytest.mark.parametrize("how", ["cancelled", "message"])
async def test_a_listener_leaves_at_any_step_and_the_others_miss_nothing(how: str) -> None:
    for turns in range(1, 90):
        async with a_server() as web:
            record = job_record(pages=dict.fromkeys(range(1, 6), DONE))
            for page in record.pages:
                await web.save_result(record.job_id, page, f"text {page}")
            web.gateway.show(record)
            leaving, staying = (Listener(web.app, record.job_id) for _ in range(2))
            for _ in range(turns):
                await asyncio.sleep(0)
            if how == "cancelled":
                leaving.task.cancel()
                await asyncio.wait([leaving.task])
            else:
                await leaving.leave()
            web.gateway.show(ended(record))
            events = await staying.rest()
            assert [event.data["page"] for event in events if event.name == "page"] == [1, 2, 3, 4, 5]
            assert events[-1].name == "done"
            await staying.task
            await _no_task_is_left(web)


async def test_500_listeners_get_every_page_and_leave_nothing_behind() -> None:
    pages = 12
    async with a_server() as web:
        record = job_record(pages=dict.fromkeys(range(1, pages + 1), PageRecord()))
        await web.save(record)
        web.gateway.show(record)
        listeners = [Listener(web.app, record.job_id) for _ in range(500)]
        taken = [asyncio.create_task(listener.rest()) for listener in listeners[:400]]
        for page in range(1, pages + 1):
            await web.save_result(record.job_id, page, f"text {page}")
            web.gateway.show(record, ahead=tuple(range(1, page + 1)))
            await settle(30)
        for listener in listeners[400:]:
            assert (await listener.page()).id == "1:1"
            await listener.leave()
        web.gateway.show(ended(replace(record, pages=dict.fromkeys(record.pages, DONE))))
        for events in await asyncio.gather(*taken):
            told = [(event.data["page"], event.data["text"]) for event in events if event.name == "page"]
            assert told == [(page, f"text {page}") for page in range(1, pages + 1)]
            assert events[-1].name == "done"
        name = layout.page_result(layout.job_prefix(ANONYMOUS, record.job_id), 1)
        reads = [operation for operation in web.store.log if (operation.operation, operation.name) == ("read", name)]
        assert len(reads) == 1, "one reading for all"
        assert len(web.gateway.watched) <= 2 * pages + 3, "one watch for all"
        await asyncio.gather(*(listener.task for listener in listeners))
        await _no_task_is_left(web)
