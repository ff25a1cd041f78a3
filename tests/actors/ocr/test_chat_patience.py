from __future__ import annotations

import asyncio

from actors.ocr.chat_patience import ask_patiently
from actors.ocr.chat_reply import Refusal, Reply
from actors.ocr.request_window import RequestWindow
from cluster.clock import ManualClock, settle
from cluster.errors import EngineFailed, EngineTimeout, PageError

BUSY = Refusal("busy", overloaded=True)


class Server:
    """Gives the replies in order, the last one for ever, and notes when it was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.clock = ManualClock()
        self.window = RequestWindow(4)
        self.asked_at: list[float] = []
        self._replies = list(replies)

    async def attempt(self) -> Reply:
        self.asked_at.append(self.clock.monotonic())
        return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]

    async def asked(self, seconds: float) -> str | PageError:
        asking = asyncio.create_task(
            ask_patiently(self.attempt, self.window, seconds=seconds, clock=self.clock, jitter=lambda pause: pause)
        )
        await settle()
        while not asking.done():
            await self.clock.advance(0.25)
        return await asking


async def test_pauses_double_up_to_a_longest() -> None:
    server = Server(*[BUSY] * 8, "text")
    assert await server.asked(200) == "text"
    pauses = [after - before for before, after in zip(server.asked_at, server.asked_at[1:], strict=False)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 20, 20]


async def test_what_the_server_asks_for_comes_on_top() -> None:
    server = Server(Refusal("busy", after_s=7), "text")
    assert await server.asked(60) == "text"
    assert server.asked_at == [0, 7.5]


async def test_it_ends_with_the_last_refusal_before_a_pause_that_would_be_too_long() -> None:
    server = Server(Refusal("first"), Refusal("second"), BUSY)
    failed = await server.asked(3)
    assert isinstance(failed, EngineFailed)
    assert failed.detail.startswith("busy")
    assert server.asked_at == [0, 0.5, 1.5]


async def test_what_may_be_the_pages_fault_is_asked_three_times() -> None:
    server = Server(Refusal("crash", passing=False), BUSY, Refusal("crash", passing=False))
    failed = await server.asked(200)
    assert isinstance(failed, EngineFailed)
    assert failed.detail == "crash"
    assert len(server.asked_at) == 4


async def test_the_window_learns_what_was_taken() -> None:
    server = Server(BUSY, Refusal("gone"), EngineFailed("bad page"))
    assert isinstance(await server.asked(60), EngineFailed)
    assert server.window.size == 2


async def test_no_answer_at_all_is_a_timeout() -> None:
    async def silent() -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    window = RequestWindow(1)
    assert isinstance(await ask_patiently(silent, window, seconds=0.02, clock=ManualClock()), EngineTimeout)
    async with asyncio.timeout(1):
        await window.enter()


async def test_no_answer_after_refusals_tells_of_them() -> None:
    replies: list[Reply] = [BUSY]

    async def falling_silent() -> Reply:
        if replies:
            return replies.pop()
        await asyncio.Event().wait()
        raise AssertionError

    asking = ask_patiently(
        falling_silent, RequestWindow(1), seconds=0.05, longer_s=0.05, clock=ManualClock(), jitter=lambda pause: 0
    )
    failed = await asking
    assert isinstance(failed, EngineFailed)
    assert failed.detail.startswith("busy")
