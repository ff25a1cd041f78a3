"""Event streams over a real JobHost: hosts and Ingresses come and go, and every page is told once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from actors.job.job_host import JobHost
from cluster.errors import EngineFailed
from cluster.settings import load_settings
from serve_app.app import create_app
from tests.actors.job.host_world import HostWorld, until
from tests.serve_app.event_listener import Event, Listener
from tests.serve_app.host_gateway import HostGateway, client_of

PAGES = 20


class Site:
    """One host at a time, and as many Ingress replicas as a test starts, over one store."""

    def __init__(self) -> None:
        self.world = HostWorld()
        self.gateway = HostGateway()
        self.client = client_of(self.world, self.gateway)

    async def start(self) -> None:
        self.gateway.host = self.world.host()
        await self.gateway.host.start()

    def listen(self, job_id: str, last_id: str | None = None) -> Listener:
        """At an Ingress of its own."""
        settings = load_settings(store="memory://")
        app = create_app(
            store=self.world.store, gateway=self.gateway, settings=settings, clock=self.world.clock, version="1.2.3"
        )
        return Listener(app, job_id, last_id)

    async def submit(self, pages: int = PAGES) -> str:
        answer = await self.client.post(
            "/api/jobs", content=f"%PDF-1.7 pages {pages}".encode(), headers={"Content-Type": "application/pdf"}
        )
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    async with made.client:
        await made.start()
        yield made
        if made.gateway.host is not None:
            await made.gateway.host.drain()


def _killed(host: JobHost) -> None:
    """The host's process is gone; clients and Ingresses live on."""
    for task in host._tasks:
        task.cancel()
    for actor in list(host.jobs.values()):
        actor.fenced = True
        actor._stop()
    host.jobs.clear()


def _pages(events: list[Event]) -> list[int]:
    return [event.data["page"] for event in events if event.name == "page"]


async def test_every_page_is_told_once_across_a_killed_host_and_killed_ingresses(site: Site) -> None:
    job_id = await site.submit()
    site.world.ocr.open_until = 12
    listener = site.listen(job_id)
    told = [await listener.page() for _ in range(5)]
    listener.task.cancel()
    listener = site.listen(job_id, listener.id)
    told += [await listener.page() for _ in range(4)]
    assert site.gateway.host is not None
    await until(lambda: site.world.ocr.waiting > 0)
    _killed(site.gateway.host)
    site.gateway.host = None
    told += [await listener.page() for _ in range(2)]
    listener.task.cancel()
    listener = site.listen(job_id, listener.id)
    site.world.ocr.gate.set()
    await site.start()
    events = await asyncio.wait_for(listener.rest(), 20)
    told += [event for event in events if event.name == "page"]
    assert sorted(_pages(told)) == list(range(1, PAGES + 1))
    assert [event.data["text"] for event in told] == [f"page {event.data['page']}" for event in told]
    assert (events[-1].name, events[-1].id, events[-1].data["status"]) == ("done", f"1:1-{PAGES}", "completed")


async def test_a_stream_goes_on_by_itself_while_its_host_is_killed(site: Site) -> None:
    job_id = await site.submit()
    site.world.ocr.open_until = 6
    listener = site.listen(job_id)
    told = [await listener.page() for _ in range(6)]
    assert site.gateway.host is not None
    _killed(site.gateway.host)
    site.gateway.host = None
    site.world.ocr.gate.set()
    rest = asyncio.create_task(listener.rest())
    await asyncio.sleep(0.1)
    await site.start()
    told += [event for event in await asyncio.wait_for(rest, 20) if event.name == "page"]
    assert sorted(_pages(told)) == list(range(1, PAGES + 1))


async def test_pages_are_told_before_the_record_tells_of_them(site: Site) -> None:
    """Groups of pages become done much faster than the record may be saved: some page comes before its status."""
    ocr = site.world.ocr
    ocr.open_until = 0
    listener = site.listen(await site.submit())
    told, counted, ahead = 0, 0, 0
    for group_end in range(4, PAGES + 1, 4):
        await until(lambda: ocr.waiting == 4)
        waiting, ocr.gate = ocr.gate, asyncio.Event()
        waiting.set()
        while told < group_end:
            event = await listener.event()
            assert event is not None
            if event.name == "status":
                counted = event.data["pages_completed"]
            else:
                told += 1
                ahead += told > counted
    assert ahead >= 1
    assert (await listener.rest())[-1].name == "done"


async def test_a_retry_tells_of_the_failed_page_alone(site: Site) -> None:
    site.world.ocr.faults = {2: [EngineFailed("ever")] * 3}
    job_id = await site.submit(3)
    listener = site.listen(job_id)
    first = await listener.rest()
    told = sorted((event.data["page"], event.data["status"]) for event in first if event.name == "page")
    assert told == [(1, "completed"), (2, "failed"), (3, "completed")]
    assert (await site.client.post(f"/api/jobs/{job_id}/retry")).status_code == 202
    again = await asyncio.wait_for(site.listen(job_id, listener.id).rest(), 20)
    assert [(event.data["page"], event.data["text"]) for event in again if event.name == "page"] == [(2, "page 2")]
    assert again[-1].id == "2:1-3"
    whole = await site.listen(job_id).rest()
    assert _pages(whole) == [1, 2, 3]


@pytest.mark.parametrize("ended", [True, False])
async def test_a_deleted_jobs_stream_ends_and_is_not_found_again(site: Site, ended: bool) -> None:
    site.world.ocr.open_until = 100 if ended else 2
    job_id = await site.submit()
    listener = site.listen(job_id)
    for _ in range(2):
        await listener.page()
    if ended:
        async with asyncio.timeout(20):
            while (await site.client.get(f"/api/jobs/{job_id}/status")).json()["status"] != "completed":
                await asyncio.sleep(0.02)
    assert (await site.client.delete(f"/api/jobs/{job_id}")).status_code == 204
    await asyncio.sleep(1.1 if ended else 0.1)
    assert len(_pages(await listener.rest())) <= 2
    again = site.listen(job_id, listener.id)
    assert (await again.body())["code"] == "job_not_found"
