from __future__ import annotations

import asyncio

import pytest

from actors.ocr.request_window import RequestWindow
from cluster.clock import settle


async def test_no_more_enter_than_the_window_holds() -> None:
    window = RequestWindow(2)
    tickets = [await window.enter(), await window.enter()]
    third = asyncio.create_task(window.enter())
    await settle()
    assert not third.done()
    await window.leave(tickets[0], taken=None)
    assert await third == tickets[0]


async def test_a_refusal_halves_it_once_for_all_that_were_sent_before() -> None:
    window = RequestWindow(24)
    tickets = [await window.enter() for _ in range(24)]
    for ticket in tickets:
        await window.leave(ticket, taken=False)
    assert window.size == 12
    await window.leave(await window.enter(), taken=False)
    assert window.size == 6


async def test_it_never_closes() -> None:
    window = RequestWindow(3)
    for _ in range(5):
        await window.leave(await window.enter(), taken=False)
    assert window.size == 1
    await window.leave(await window.enter(), taken=None)
    assert window.size == 1


async def test_it_grows_by_one_for_each_window_of_requests_up_to_what_it_began_with() -> None:
    window = RequestWindow(8)
    await window.leave(await window.enter(), taken=False)
    sizes = []
    for _ in range(40):
        await window.leave(await window.enter(), taken=True)
        sizes.append(window.size)
    assert sizes.index(5) in (3, 4)
    assert sizes == sorted(sizes)
    assert sizes[-1] == 8


async def test_who_is_cancelled_while_waiting_or_leaving_keeps_no_place() -> None:
    window = RequestWindow(1)
    ticket = await window.enter()
    waiting = asyncio.create_task(window.enter())
    await settle()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await window.leave(ticket, taken=True)
    async with asyncio.timeout(1):
        await window.enter()


async def test_a_smaller_window_lets_those_inside_finish() -> None:
    window = RequestWindow(4)
    tickets = [await window.enter() for _ in range(4)]
    await window.leave(tickets[0], taken=False)
    waiting = asyncio.create_task(window.enter())
    await window.leave(tickets[1], taken=None)
    await settle()
    assert not waiting.done(), "two are inside, and two is the window"
    await window.leave(tickets[2], taken=None)
    await waiting
