"""Cancel, retry and delete from the request to what is left in the store: the HTTP side over a real JobHost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from cluster import layout
from cluster.errors import EngineFailed
from cluster.ids import user_hash
from serve_app.identity import ANONYMOUS
from tests.actors.job.host_world import HostWorld, crash, until
from tests.serve_app.host_gateway import HostGateway, client_of

HEADERS = {"Content-Type": "application/pdf", "Idempotency-Key": "k"}
PATHS = ["", "/status", "/result", "/pages/1", "/pages/1/text", "/pages/1/image"]


class Site:
    """One host and two Ingress replicas over one store."""

    def __init__(self) -> None:
        self.world = HostWorld(call_s=0.05)
        self.gateway = HostGateway()
        self.client, self.other = (client_of(self.world, self.gateway) for _ in range(2))

    async def start(self) -> None:
        self.gateway.host = self.world.host()
        await self.gateway.host.start()

    async def submit(self) -> str:
        answer = await self.client.post("/api/jobs", content=b"%PDF-1.7 pages 3", headers=HEADERS)
        assert answer.status_code in (200, 202), answer.text
        return str(answer.json()["job_id"])

    async def order(self, job_id: str, order: str, body: bytes = b"") -> httpx.Response:
        return await self.client.post(f"/api/jobs/{job_id}/{order}", content=body)

    async def status(self, job_id: str) -> dict[str, Any]:
        content: dict[str, Any] = (await self.other.get(f"/api/jobs/{job_id}/status")).json()
        return content

    async def ended(self, job_id: str) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while (await self.status(job_id))["status"] in ("queued", "extracting", "processing"):
                await asyncio.sleep(0.02)
        return await self.status(job_id)

    async def settled(self, job_id: str) -> None:
        """The job's marker is gone."""
        async with asyncio.timeout(20):
            while await self.world.names(layout.marker(job_id)):
                await asyncio.sleep(0.01)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    async with made.client, made.other:
        await made.start()
        yield made
        if made.gateway.host is not None:
            await made.gateway.host.drain()


@pytest.mark.parametrize("state", ["read", "being read", "settling"])
async def test_a_deleted_job_is_gone(site: Site, state: str, audit_log: list[dict[str, Any]]) -> None:
    site.world.ocr.open_until = 1 if state == "being read" else 3
    job_id = await site.submit()
    if state == "being read":
        await until(lambda: len(site.world.ocr.reads) == 1)
    else:
        await site.ended(job_id)
    if state == "read":
        await site.settled(job_id)
    answer = await site.client.delete(f"/api/jobs/{job_id}")
    assert answer.status_code == 204, answer.text
    for path in PATHS:
        assert (await site.other.get(f"/api/jobs/{job_id}{path}")).status_code == 404
    for order in ("cancel", "retry"):
        assert (await site.order(job_id, order)).status_code == 404
    assert (await site.client.delete(f"/api/jobs/{job_id}")).status_code == 404
    assert (await site.other.get("/api/jobs")).json()["jobs"] == []
    await site.settled(job_id)
    left = await site.world.names()
    assert [name for name in left if name.startswith(layout.USERS)] == [
        layout.record(layout.job_prefix(ANONYMOUS, job_id))
    ]
    assert [line["event"] for line in audit_log] == ["deletion_ordered", "job_deleted"]
    assert {(line["job_id"], line["user"], line["reason"]) for line in audit_log} == {
        (job_id, user_hash(ANONYMOUS), "user")
    }


async def test_the_key_of_a_deleted_job_makes_a_new_one(site: Site) -> None:
    first = await site.submit()
    await site.ended(first)
    assert (await site.client.delete(f"/api/jobs/{first}")).status_code == 204
    second = await site.submit()
    assert second != first
    await site.settled(first)
    assert (await site.ended(second))["status"] == "completed"
    assert await site.submit() == second, "the entry of the new job was not removed with the old one"


async def test_a_job_submitted_while_no_host_is_up_is_deleted_before_it_begins(site: Site) -> None:
    assert site.gateway.host is not None
    await site.gateway.host.drain()
    site.gateway.host = None
    job_id = await site.submit()
    deleting = asyncio.create_task(site.client.delete(f"/api/jobs/{job_id}"))
    await asyncio.sleep(0.05)
    assert not deleting.done()
    await site.start()
    assert (await deleting).status_code == 204
    await site.settled(job_id)
    assert not site.world.ocr.reads


async def test_a_deletion_outlives_its_host(site: Site) -> None:
    site.world.ocr.open_until = 1
    job_id = await site.submit()
    await until(lambda: len(site.world.ocr.reads) == 1)
    assert site.gateway.host is not None
    assert (await site.client.delete(f"/api/jobs/{job_id}")).status_code == 204
    crash(site.gateway.host)
    site.gateway.host.lingering.clear()
    await site.start()
    assert (await site.client.get(f"/api/jobs/{job_id}/status")).status_code == 404
    await site.settled(job_id)


async def test_a_cancelled_job_is_retried(site: Site) -> None:
    site.world.ocr.open_until = 1
    job_id = await site.submit()
    await until(lambda: len(site.world.ocr.reads) == 1)
    assert (await site.order(job_id, "retry")).json()["code"] == "job_not_finished"
    assert (await site.order(job_id, "cancel")).status_code == 202
    assert (await site.ended(job_id))["status"] == "cancelled"
    site.world.ocr.gate.set()
    answer = await site.order(job_id, "retry")
    assert (answer.status_code, answer.json()["run"]) == (202, 2)
    record = await site.ended(job_id)
    assert (record["status"], record["run"]) == ("completed", 2)
    assert site.world.ocr.reads == {1: 1, 2: 1, 3: 1}
    text = (await site.other.get(f"/api/jobs/{job_id}/result?format=txt")).text
    assert [f"page {page}" in text for page in (1, 2, 3)] == [True] * 3
    assert (await site.order(job_id, "retry")).json()["code"] == "nothing_to_retry"


async def test_the_result_of_the_run_before_is_not_served_while_the_next_one_runs(site: Site) -> None:
    site.world.ocr.faults = {2: [EngineFailed("ever")] * 3}
    job_id = await site.submit()
    assert (await site.ended(job_id))["status"] == "partial"
    before = (await site.other.get(f"/api/jobs/{job_id}/result?format=txt")).text
    assert "engine_failed" in before
    site.world.ocr.open_until = 1
    assert (await site.order(job_id, "retry")).status_code == 202
    answer = await site.other.get(f"/api/jobs/{job_id}/result?format=txt")
    assert (answer.status_code, answer.json()["code"]) == (409, "result_not_ready")
    assert (await site.other.get(f"/api/jobs/{job_id}/pages/1/text")).text == "page 1", "finished pages stay"
    site.world.ocr.gate.set()
    assert (await site.ended(job_id))["status"] == "completed"
    after = (await site.other.get(f"/api/jobs/{job_id}/result?format=txt")).text
    assert "engine_failed" not in after
    assert "page 2" in after


async def test_a_retry_is_deleted_in_the_middle(site: Site) -> None:
    site.world.ocr.faults = {2: [EngineFailed("ever")] * 3}
    job_id = await site.submit()
    await site.ended(job_id)
    site.world.ocr.open_until = 1
    assert (await site.order(job_id, "retry")).status_code == 202
    assert (await site.client.delete(f"/api/jobs/{job_id}")).status_code == 204
    await site.settled(job_id)
    assert (await site.client.get(f"/api/jobs/{job_id}/status")).status_code == 404
