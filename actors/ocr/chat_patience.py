"""Asks a server for a page until there is an answer, or no more time to wait for one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from actors.ocr.chat_reply import Refusal, Reply
from actors.ocr.request_window import RequestWindow
from cluster.clock import Clock
from cluster.errors import EngineFailed, EngineTimeout, PageError

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 20.0
MOST_PAGE_FAULTS = 3
"""Refusals for which the page itself may be the reason: after so many it is."""

Jitter = Callable[[float], float]
"""Makes of a pause in seconds the one that is kept, so that pages don't come back all at once."""


def half_or_more(pause_s: float) -> float:
    return random.uniform(pause_s / 2, pause_s)


async def ask_patiently(
    attempt: Callable[[], Awaitable[Reply]],
    window: RequestWindow,
    *,
    seconds: float,
    longer_s: float = 0,
    clock: Clock,
    jitter: Jitter = half_or_more,
) -> str | PageError:
    """The answer within so many seconds; an attempt that began within them may end ``longer_s`` later.

    EngineFailed, with the last refusal, where the time is over in refusals; EngineTimeout where there was no answer.
    A place in the window is held during an attempt alone, not during the pauses. They double, on top of what the server
    asks for.
    """
    refused: list[Refusal] = []
    try:
        async with asyncio.timeout(seconds + longer_s):
            reply = await _until_settled(attempt, window, clock.monotonic() + seconds, refused, clock, jitter)
    except TimeoutError:
        if not refused:
            return EngineTimeout(f"The server did not answer within {seconds + longer_s:g} s.")
        reply = None
    if reply is None:
        return EngineFailed(f"{refused[-1].detail} It stayed so for the {seconds:g} s that there were.")
    return reply


async def _until_settled(
    attempt: Callable[[], Awaitable[Reply]],
    window: RequestWindow,
    deadline: float,
    refused: list[Refusal],
    clock: Clock,
    jitter: Jitter,
) -> str | PageError | None:
    """The answer, or None where the next attempt would come after the deadline. refused: gets the refusals."""
    pause = FIRST_PAUSE_S
    while True:
        reply = await _once(attempt, window)
        if not isinstance(reply, Refusal):
            return reply
        refused.append(reply)
        if sum(not each.passing for each in refused) >= MOST_PAGE_FAULTS:
            return EngineFailed(reply.detail)
        wait = (reply.after_s or 0.0) + jitter(pause)
        if clock.monotonic() + wait >= deadline:
            return None
        await clock.sleep(wait)
        pause = min(LONGEST_PAUSE_S, pause * 2)


async def _once(attempt: Callable[[], Awaitable[Reply]], window: RequestWindow) -> Reply:
    ticket = await window.enter()
    taken: bool | None = None
    try:
        reply = await attempt()
        if not isinstance(reply, Refusal):
            taken = True
        elif reply.overloaded:
            taken = False
    finally:
        await window.leave(ticket, taken=taken)
    return reply
