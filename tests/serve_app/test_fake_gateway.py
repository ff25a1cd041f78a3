"""The gateway without hosts."""

from __future__ import annotations

import asyncio

from cluster.clock import ManualClock
from serve_app.fake_gateway import FakeGateway
from serve_app.gateway import Gateway
from tests.serve_app.builders import ended, job_record


async def test_it_shows_what_it_was_shown() -> None:
    clock = ManualClock()
    gateway = FakeGateway(clock)
    typed: Gateway = gateway
    record = job_record()
    assert await typed.status(record.job_id) is None
    assert await typed.watch(record.job_id, '"0-0"', 60) is None
    gateway.show(record)
    held = await typed.status(record.job_id)
    assert held is not None
    assert (held.etag, held.terminal) == (record.etag, False)
    assert await typed.watch(record.job_id, '"0-0"', 60) == held

    watching = asyncio.create_task(typed.watch(record.job_id, record.etag, 60))
    await asyncio.sleep(0.01)
    gateway.show(job_record())  # another job: no reason to answer
    await asyncio.sleep(0.01)
    assert not watching.done()
    gateway.show(ended(record))
    changed = await watching
    assert changed is not None
    assert changed.terminal

    waiting = asyncio.create_task(typed.watch(record.job_id, changed.etag, 5))
    await asyncio.sleep(0.01)
    await clock.advance(5)
    unchanged = await waiting
    assert unchanged is not None
    assert (unchanged.etag, unchanged.data) == (changed.etag, b""), "what is known is not told again"

    gateway.forget(record.job_id)
    assert await typed.status(record.job_id) is None


async def test_it_remembers_what_it_was_told() -> None:
    gateway = FakeGateway(ManualClock())
    await gateway.adopt("a")
    await gateway.notify("b")
    gateway.lines = ["no host"]
    assert (gateway.adopted, gateway.notified, await gateway.missing()) == (["a"], ["b"], ["no host"])
