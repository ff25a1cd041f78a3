"""Waiting for a place in flight."""

from __future__ import annotations

import asyncio

import pytest

from actors.job.page_gate import PageGate
from actors.job.page_queue import PageBudget
from cluster.clock import settle


async def test_pages_wait_for_the_budget_and_enter_as_others_leave() -> None:
    gate = PageGate({"ocr": PageBudget(1, 100)})
    first = await gate.enter("ocr", "a", 1)
    waiting = asyncio.create_task(gate.enter("ocr", "a", 1))
    await settle()
    assert (gate.in_flight, gate.waiting, waiting.done()) == (1, 1, False)
    gate.leave(first)
    gate.leave(await waiting)
    assert (gate.in_flight, gate.waiting) == (0, 0)


async def test_dropped_pages_are_cancelled() -> None:
    gate = PageGate({"ocr": PageBudget(1, 100)})
    held = await gate.enter("ocr", "a", 1)
    waiting = asyncio.create_task(gate.enter("ocr", "a", 1))
    await settle()
    gate.drop("a")
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.leave(held)
    assert (gate.in_flight, gate.waiting) == (0, 0)


async def test_one_who_gives_up_while_waiting_takes_no_place() -> None:
    gate = PageGate({"ocr": PageBudget(1, 100)})
    held = await gate.enter("ocr", "a", 1)
    waiting = asyncio.create_task(gate.enter("ocr", "a", 1))
    await settle()
    waiting.cancel()
    await settle()
    gate.leave(held)
    assert gate.in_flight == 0


async def test_one_who_gives_up_as_it_is_let_in_gives_its_place_back() -> None:
    gate = PageGate({"ocr": PageBudget(1, 100)})
    held = await gate.enter("ocr", "a", 1)
    waiting = asyncio.create_task(gate.enter("ocr", "a", 1))
    await settle()
    gate.leave(held)
    waiting.cancel()  # before its task has run again
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert gate.in_flight == 0


async def test_a_page_of_a_held_job_enters_when_it_is_freed() -> None:
    gate = PageGate({"ocr": PageBudget(4, 100)})
    gate.hold(["a"])
    waiting = asyncio.create_task(gate.enter("ocr", "a", 1))
    gate.leave(await gate.enter("ocr", "b", 1))
    assert not waiting.done()
    gate.free("a")
    gate.leave(await waiting)


async def test_what_is_written_of_a_job_waits_while_it_is_held() -> None:
    gate = PageGate({"ocr": PageBudget(4, 100)})
    await gate.cleared("a")
    gate.hold(["a"])
    gate.hold(["a"])  # silent still
    writing = asyncio.create_task(gate.cleared("a"))
    await gate.cleared("b")
    await settle()
    assert not writing.done()
    gate.free("a")
    await writing


async def test_every_pool_has_a_budget_of_its_own() -> None:
    gate = PageGate({"slow": PageBudget(1, 100), "quick": PageBudget(1, 100)})
    first = await gate.enter("slow", "a", 1)
    waiting = asyncio.create_task(gate.enter("slow", "a", 1))
    other = await gate.enter("quick", "a", 1)
    await settle()
    assert (gate.in_flight, gate.waiting, waiting.done()) == (2, 1, False)
    gate.leave(other)
    await settle()
    assert not waiting.done()
    gate.leave(first)
    assert (await waiting).pool == "slow"
