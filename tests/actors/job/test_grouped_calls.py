"""Calls grouped by how quick the pool is."""

from __future__ import annotations

import asyncio

import pytest

from actors.job.grouped_calls import GROUP_S, LARGEST, GroupedCalls
from cluster.clock import ManualClock, SystemClock, settle


class Pool:
    """Answers each call after ``seconds`` a page of the clock."""

    def __init__(self, clock: ManualClock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds
        self.calls: list[list[int]] = []

    async def call(self, items: list[int]) -> list[int]:
        self.calls.append(items)
        await self.clock.sleep(self.seconds * len(items))
        return [-item for item in items]


async def run(pool: Pool, calls: GroupedCalls[int, int], items: int) -> list[int]:
    tasks = [asyncio.create_task(calls.submit(n)) for n in range(items)]
    for _ in range(200):
        await settle(5)
        await pool.clock.advance(pool.seconds * items or 0.001)
        if all(task.done() for task in tasks):
            break
    return [await task for task in tasks]


async def test_a_call_that_nobody_waits_for_is_cancelled_and_not_before() -> None:
    clock = ManualClock()
    cancelled: list[list[int]] = []

    async def call(items: list[int]) -> list[int]:
        try:
            await clock.sleep(0.001 * len(items) if len(items) == 1 else 100)
        except asyncio.CancelledError:
            cancelled.append(items)
            raise
        return items

    calls: GroupedCalls[int, int] = GroupedCalls(call, 1, clock)
    warm = asyncio.create_task(calls.submit(0))
    await settle()
    await clock.advance(0.001)
    assert await warm == 0
    group = calls.group
    assert group > 1
    tasks = [asyncio.create_task(calls.submit(n)) for n in (1, 2)]
    await settle()
    tasks[0].cancel()
    await settle()
    assert cancelled == [], "the other item is still wanted"
    tasks[1].cancel()
    await settle()
    assert cancelled == [[1, 2]]
    assert calls.group == group, "what was given up says nothing of the pool's speed"
    another = asyncio.create_task(calls.submit(3, alone=True))
    await settle()
    await clock.advance(1)
    assert await another == 3


async def test_slow_pages_go_one_by_one() -> None:
    clock = ManualClock()
    pool = Pool(clock, 1.0)
    calls: GroupedCalls[int, int] = GroupedCalls(pool.call, 1, clock)
    for _ in range(3):
        await run(pool, calls, 4)
    assert {len(call) for call in pool.calls} == {1}


async def test_quick_pages_share_calls_and_answers_keep_their_order() -> None:
    clock = ManualClock()
    pool = Pool(clock, 0.001)
    calls: GroupedCalls[int, int] = GroupedCalls(pool.call, 1, clock)
    await run(pool, calls, 16)
    pool.calls.clear()
    assert await run(pool, calls, 16) == [-n for n in range(16)]
    assert max(len(call) for call in pool.calls) == LARGEST


async def quick(pool: Pool, clock: ManualClock, replicas: int = 1) -> GroupedCalls[int, int]:
    """Calls that have learned that the pool is quick."""
    calls: GroupedCalls[int, int] = GroupedCalls(pool.call, replicas, clock)
    await run(pool, calls, 16)
    pool.calls.clear()
    return calls


async def submitted(calls: GroupedCalls[int, int], *items: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(calls.submit(n)) for n in items]
    await settle()
    return tasks


async def test_what_comes_while_the_pool_is_busy_shares_the_next_call() -> None:
    clock = ManualClock()
    pool = Pool(clock, 0.001)
    calls = await quick(pool, clock)
    tasks = await submitted(calls, 1)
    tasks += await submitted(calls, 2)
    tasks += await submitted(calls, 3)
    assert pool.calls == [[1]], "an idle pool is not waited for, a busy one is"
    await clock.advance(0.001)
    await settle()
    assert pool.calls == [[1], [2, 3]]
    await clock.advance(0.002)
    assert [await task for task in tasks] == [-1, -2, -3]


async def test_a_full_group_waits_for_nothing() -> None:
    clock = ManualClock()
    pool = Pool(clock, 0.001)
    calls = await quick(pool, clock)
    await submitted(calls, 0)
    await submitted(calls, *range(1, LARGEST))
    assert pool.calls == [[0]]
    await submitted(calls, LARGEST, LARGEST + 1)
    assert pool.calls == [[0], list(range(1, LARGEST + 1))]
    await clock.advance(1)


async def test_every_replica_is_given_something_to_do() -> None:
    clock = ManualClock()
    pool = Pool(clock, 0.001)
    calls = await quick(pool, clock, replicas=2)
    for item in (1, 2, 3):
        await submitted(calls, item)
    assert pool.calls == [[1], [2]]
    await clock.advance(1)


async def test_nobody_waits_long_for_a_call_that_hangs() -> None:
    clock = ManualClock()
    pool = Pool(clock, 0.001)
    calls = await quick(pool, clock)
    pool.seconds = 60
    await submitted(calls, 1)
    dropped, *_ = await submitted(calls, 2, 3)
    dropped.cancel()
    await clock.advance(GROUP_S / 2)
    assert pool.calls == [[1]]
    await clock.advance(GROUP_S / 2)
    assert pool.calls == [[1], [3]]
    await clock.advance(120)


async def test_a_page_alone_shares_with_nobody() -> None:
    clock = ManualClock()
    pool = Pool(clock, 0)
    calls: GroupedCalls[int, int] = GroupedCalls(pool.call, 1, clock)
    assert await calls.submit(5, alone=True) == -5
    assert pool.calls == [[5]]


async def test_a_lost_call_reaches_everyone_in_it() -> None:
    async def lost(items: list[int]) -> list[int]:
        raise ConnectionError("gone")

    calls: GroupedCalls[int, int] = GroupedCalls(lost, 1, ManualClock())
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await calls.submit(1)


async def test_items_that_are_alone_go_one_after_the_other() -> None:
    under_way: list[str] = []
    most = 0

    async def call(items: list[str]) -> list[str]:
        nonlocal most
        under_way.extend(items)
        most = max(most, sum(item.isupper() for item in under_way))
        await asyncio.sleep(0.001)
        for item in items:
            under_way.remove(item)
        return items

    calls = GroupedCalls(call, 1, SystemClock())
    answers = await asyncio.gather(*(calls.submit(item, alone=item.isupper()) for item in "aBcDeF"))
    assert "".join(answers) == "aBcDeF"
    assert most == 1
