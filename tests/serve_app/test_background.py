"""Work that outlives its request."""

from __future__ import annotations

import asyncio
import contextvars
import gc

import pytest

from serve_app.background import Background

_request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")


async def test_cancelling_who_waits_cancels_no_work() -> None:
    background, gate, done = Background(), asyncio.Event(), []

    async def work() -> None:
        await gate.wait()
        done.append(True)

    waiting = asyncio.create_task(background.finish(work()))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gc.collect()
    gate.set()
    await background.idle()
    assert done == [True]


async def test_the_answer_and_the_error_come_through() -> None:
    background = Background()

    async def work(value: int) -> int:
        if value < 0:
            raise ValueError("negative")
        return value

    assert await background.finish(work(3)) == 3
    with pytest.raises(ValueError, match="negative"):
        await background.finish(work(-1))


async def test_work_starts_in_an_empty_context() -> None:
    _request.set("mine")
    seen: list[str] = []

    async def work() -> None:
        seen.append(_request.get())

    background = Background()
    await background.finish(work())
    background.start(work())
    await background.idle()
    assert seen == ["none", "none"]


async def test_a_failure_that_no_one_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise ValueError("nobody is listening")

    background = Background()
    background.start(work())
    await background.idle()
    await asyncio.sleep(0)
    assert "nobody is listening" in caplog.text
