"""Back-pressure by bytes."""

from __future__ import annotations

import asyncio

from actors.render.byte_budget import ByteBudget
from cluster.clock import settle


async def test_there_is_room_until_the_limit_is_taken() -> None:
    budget = ByteBudget(100)
    await budget.room()
    budget.take(60)
    await budget.room()
    budget.take(60)
    waiting = asyncio.create_task(budget.room())
    await settle()
    assert not waiting.done()
    budget.give_back(10)
    await settle()
    assert not waiting.done()
    budget.give_back(60)
    await asyncio.wait_for(waiting, 1)
