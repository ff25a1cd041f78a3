"""Waiting for a change: all wake at once, each has his own time, and nothing is left when they have gone."""

from __future__ import annotations

import asyncio

import pytest

from cluster.clock import ManualClock, settle
from serve_app.waiters import Waiters


async def test_all_who_wait_are_woken_and_those_who_come_later_are_not() -> None:
    waiters = Waiters(ManualClock())
    first = [asyncio.create_task(waiters.wait(60)) for _ in range(3)]
    await settle()
    waiters.wake()
    later = asyncio.create_task(waiters.wait(60))
    await settle()
    assert all(task.done() for task in first)
    assert not later.done()
    waiters.wake()
    await later
    assert len(waiters) == 0


@pytest.mark.parametrize("order", [(5, 10, 15), (15, 10, 5), (10, 15, 5)])
async def test_each_waits_for_his_own_time(order: tuple[int, ...]) -> None:
    clock = ManualClock()
    waiters = Waiters(clock)
    tasks = {seconds: asyncio.create_task(waiters.wait(seconds)) for seconds in order}
    await settle()
    for passed in (5, 10, 15):
        await clock.advance(4.9)
        assert [tasks[seconds].done() for seconds in (5, 10, 15)] == [seconds < passed for seconds in (5, 10, 15)]
        await clock.advance(0.1)
        assert tasks[passed].done()


async def test_no_time_at_all() -> None:
    waiters = Waiters(ManualClock())
    await asyncio.wait_for(waiters.wait(0), 5)
    assert len(waiters) == 0


async def test_who_is_cancelled_leaves_the_others_waiting() -> None:
    clock = ManualClock()
    waiters = Waiters(clock)
    gone, stays = asyncio.create_task(waiters.wait(1)), asyncio.create_task(waiters.wait(2))
    await settle()
    gone.cancel()
    await clock.advance(1.5)
    assert gone.cancelled()
    assert not stays.done()
    await clock.advance(0.5)
    await stays


async def test_one_who_is_cancelled_as_all_are_woken() -> None:
    waiters = Waiters(ManualClock())
    gone, stays = asyncio.create_task(waiters.wait(9)), asyncio.create_task(waiters.wait(9))
    await settle()
    gone.cancel()
    waiters.wake()
    await stays
    assert gone.cancelled()


async def test_no_alarm_is_left_behind() -> None:
    waiters = Waiters(ManualClock())
    before = asyncio.all_tasks()
    tasks = [asyncio.create_task(waiters.wait(60)) for _ in range(100)]
    await settle()
    assert len(asyncio.all_tasks() - before) == 101, "one alarm for all"
    for task in tasks:
        task.cancel()
    await settle()
    assert asyncio.all_tasks() == before
