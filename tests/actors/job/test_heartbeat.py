"""Signs of life, and how another host's are judged."""

from __future__ import annotations

import asyncio

import pytest

from actors.job.heartbeat import READINGS, Heartbeat, OwnerWatch
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock, settle


async def test_each_start_takes_the_next_incarnation() -> None:
    store = MemoryBlobStore()
    for expected in (1, 2, 3):
        beat = Heartbeat(store, "c", "h", ManualClock(), 10)
        await beat.start()
        assert beat.incarnation == expected
        assert beat.owner == f"c/h/{expected:08d}"


async def test_the_next_incarnation_is_found_behind_any_number_of_earlier_ones() -> None:
    store = MemoryBlobStore()
    for incarnation in range(1, 1002):
        await store.create(layout.heartbeat("c", "h", incarnation), b"")
    beat = Heartbeat(store, "c", "h", ManualClock(), 10)
    await beat.start()
    assert beat.incarnation == 1002


class Heard:
    """What a heartbeat tells its host, and when."""

    def __init__(self, clock: ManualClock) -> None:
        self.silent: list[float] = []
        self.again: list[float] = []
        self._clock = clock

    def on_silence(self) -> None:
        self.silent.append(self._clock.monotonic())

    def on_heard_again(self) -> None:
        self.again.append(self._clock.monotonic())


async def test_it_beats_and_reports_a_silence_while_it_lasts() -> None:
    store, clock = MemoryBlobStore(), ManualClock()
    beat, heard = Heartbeat(store, "c", "h", clock, 10), Heard(clock)
    await beat.start()
    running = asyncio.create_task(beat.run(heard.on_silence, heard.on_heard_again))
    await settle()
    await clock.advance(20)
    name = layout.heartbeat("c", "h", 1)
    assert store.writes[name] == 3
    store.fail("put", name, FaultKind.UNAVAILABLE, 3)
    await clock.advance(20)
    assert heard.silent == []
    await clock.advance(20)
    assert heard.silent[0] == 50.0, "30 s after the last beat"
    assert heard.again == [60.0]
    await clock.advance(20)
    assert heard.silent[-1] == 60.0
    assert heard.again == [60.0]
    running.cancel()


async def test_a_beat_that_breaks_off_in_an_unforeseen_way_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock = MemoryBlobStore(), ManualClock()
    beat, heard = Heartbeat(store, "c", "h", clock, 10), Heard(clock)
    await beat.start()
    written, broken = store.put, [True]

    async def breaks_once(name: str, data: bytes, *, durable: bool = False) -> int:
        if broken.pop() if broken else False:
            raise OSError("not today")
        return await written(name, data, durable=durable)

    monkeypatch.setattr(store, "put", breaks_once)
    running = asyncio.create_task(beat.run(heard.on_silence, heard.on_heard_again))
    await settle()
    await clock.advance(20)
    assert (broken, store.writes[layout.heartbeat("c", "h", 1)], heard.silent) == ([], 2, [])
    running.cancel()


async def test_a_beat_that_hangs_does_not_delay_the_notice_of_the_silence() -> None:
    store, clock = MemoryBlobStore(), ManualClock()
    beat, heard = Heartbeat(store, "c", "h", clock, 10), Heard(clock)
    await beat.start()
    running = asyncio.create_task(beat.run(heard.on_silence, heard.on_heard_again))
    await settle()
    hanging = store.fail("put", layout.heartbeat("c", "h", 1), FaultKind.SLOW)
    await clock.advance(45)
    assert heard.silent == [30.0, 40.0]
    assert beat.silences == 2
    hanging.gate.set()
    await settle()
    assert heard.again == [45.0]
    running.cancel()


async def test_stopping_removes_the_sign_of_life() -> None:
    store = MemoryBlobStore()
    beat = Heartbeat(store, "c", "h", ManualClock(), 10)
    await beat.start()
    await beat.stop()
    assert await store.list("hosts/") == []


@pytest.mark.parametrize("generation", [7, None])
def test_five_readings_of_one_generation_an_interval_apart_mean_dead(generation: int | None) -> None:
    watch = OwnerWatch(10)
    for reading in range(READINGS):
        assert not watch.stands_still("n")
        watch.observe("n", generation, reading * 10.0)
    assert watch.stands_still("n")


def test_a_beat_a_failed_reading_and_haste_all_delay_the_verdict() -> None:
    watch = OwnerWatch(10)
    for second in range(40):
        watch.observe("n", 7, second * 0.1)
    assert not watch.stands_still("n"), "readings too close together count once"
    for reading in range(4):
        watch.observe("n", 8, 100 + reading * 10.0)
    watch.failed("n")
    watch.observe("n", 8, 150)
    assert not watch.stands_still("n"), "an outage of the store is no dead owner"
    watch.forget(set())
    assert not watch.stands_still("n")
