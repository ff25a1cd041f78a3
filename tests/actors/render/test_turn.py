from __future__ import annotations

import asyncio

from actors.render.turn import Turn


async def test_turns_come_in_the_order_of_asking_and_some_ahead() -> None:
    turn, order = Turn(), []

    async def take(name: str, *, ahead: bool = False) -> None:
        async with turn.taken(ahead=ahead):
            order.append(name)
            await asyncio.sleep(0)
            order.append(name)

    await asyncio.gather(take("a"), take("b"), take("c", ahead=True), take("d"), take("e", ahead=True))
    assert order == [*"aacceebbdd"]


async def test_who_goes_away_holds_nobody_up() -> None:
    turn = Turn()
    order: list[str] = []

    async def take(name: str) -> None:
        async with turn.taken():
            order.append(name)
            await asyncio.sleep(0)

    first, second, third = (asyncio.create_task(take(name)) for name in "abc")
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, second, third, return_exceptions=True)
    assert order == ["a", "c"]
    await take("d")
    assert order[-1] == "d"


async def test_a_turn_that_comes_to_one_who_has_just_gone_is_passed_on() -> None:
    turn = Turn()
    order: list[str] = []

    async def take(name: str) -> None:
        async with turn.taken():
            order.append(name)

    async with turn.taken():
        waiting = [asyncio.create_task(take(name)) for name in "ab"]
        await asyncio.sleep(0)
    waiting[0].cancel()  # after it was told, before it ran
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == ["b"]
    await take("c")
