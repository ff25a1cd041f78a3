"""The manual clock stands until it is moved, and wakes sleepers in the order of their hours."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

from cluster.clock import ManualClock, SystemClock, settle, to_text


async def test_it_stands_until_it_is_moved() -> None:
    clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    assert (clock.now(), clock.monotonic()) == (datetime(2026, 5, 1, tzinfo=UTC), 0.0)
    await settle()
    assert clock.monotonic() == 0.0
    await clock.advance(90)
    assert (clock.now(), clock.monotonic()) == (datetime(2026, 5, 1, 0, 1, 30, tzinfo=UTC), 90.0)


async def test_sleepers_wake_at_their_hour_and_in_order() -> None:
    clock = ManualClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as tasks:
        for name, seconds in (("late", 5), ("early", 1), ("middle", 3)):
            tasks.create_task(sleeper(name, seconds))
        await settle()
        await clock.advance(0.9)
        assert woken == []
        await clock.advance(2.1)
        assert woken == [("early", 1.0), ("middle", 3.0)]
        await clock.advance(10)
    assert woken == [("early", 1.0), ("middle", 3.0), ("late", 5.0)]


async def test_one_who_sleeps_again_is_woken_again_within_one_move() -> None:
    clock = ManualClock()
    hours: list[float] = []

    async def ticker() -> None:
        for _ in range(3):
            await clock.sleep(2)
            hours.append(clock.monotonic())

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ticker())
        await settle()
        await clock.advance(7)
    assert hours == [2.0, 4.0, 6.0]
    assert clock.monotonic() == 7.0


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = ManualClock()
    task = asyncio.create_task(clock.sleep(5))
    await settle()
    task.cancel()
    await settle()
    await clock.advance(10)
    assert task.cancelled()


async def test_no_time_is_slept_at_once() -> None:
    clock = ManualClock()
    await asyncio.wait_for(clock.sleep(0), timeout=1)
    assert clock.monotonic() == 0.0


async def test_the_systems_clock_runs() -> None:
    clock = SystemClock()
    before, hour = clock.monotonic(), clock.now()
    await clock.sleep(0.01)
    assert clock.monotonic() > before
    assert clock.now() >= hour
    assert hour.utcoffset() == timedelta(0)


def test_times_are_stored_in_utc_with_microseconds_and_z() -> None:
    assert to_text(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == "2026-01-02T03:04:05.000006Z"
    two_hours_east = timezone(timedelta(hours=2))
    assert to_text(datetime(2026, 1, 2, 1, 0, tzinfo=two_hours_east)) == "2026-01-01T23:00:00.000000Z"
