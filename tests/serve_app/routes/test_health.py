"""Liveness and readiness."""

from __future__ import annotations

import asyncio

import pytest

from cluster.blobs.faults import FaultKind
from serve_app.readiness import Readiness
from tests.serve_app.builders import Server


async def test_alive_whatever_is_missing(web: Server) -> None:
    web.gateway.lines = ["no host"]
    web.store.fail("*", "*", FaultKind.UNAVAILABLE, None)
    answer = await web.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert (await web.client.head("/healthz")).status_code == 200


async def test_ready(web: Server) -> None:
    answer = await web.client.get("/readyz")
    assert (answer.status_code, answer.json()["missing"]) == (200, [])
    assert answer.json()["version"] == "1.2.3"


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.FORBIDDEN])
async def test_not_ready_says_what_is_missing(web: Server, kind: FaultKind) -> None:
    web.gateway.lines = ["job-host-0: no answer"]
    web.store.fail("list", "*", kind)
    answer = await web.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["blob store: no answer", "job-host-0: no answer"]
    web.gateway.lines = []
    assert (await web.client.get("/readyz")).status_code == 200


async def test_what_hangs_is_missing(web: Server) -> None:
    never = asyncio.Event()

    async def hangs() -> list[str]:
        await never.wait()
        return []

    web.gateway.missing = hangs  # type: ignore[method-assign]
    web.store.fail("list", "*", FaultKind.SLOW)
    missing = await Readiness(web.store, web.gateway, store_within_s=0.01, hosts_within_s=0.01).missing()
    assert missing == ["blob store: no answer", "job hosts: no answer"]
