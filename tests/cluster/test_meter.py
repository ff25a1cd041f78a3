"""The meter: what is counted is collected once, from any thread."""

from __future__ import annotations

import threading

import pytest

from cluster.clock import ManualClock
from cluster.meter import Meter
from cluster.metrics import BATCH_PAGES, CALLBACKS, JOBS_ENDED, JOBS_LIVE, STAGE_TIME, TimedStage


def test_what_was_counted_is_collected_once() -> None:
    meter = Meter()
    meter.add(JOBS_ENDED, "completed")
    meter.add(JOBS_ENDED, "completed", amount=2)
    meter.add(JOBS_ENDED, "failed", amount=0)
    assert meter.collect().counts == {(JOBS_ENDED, ("completed",)): 3, (JOBS_ENDED, ("failed",)): 0}
    assert meter.collect().counts == {}


def test_a_counter_kept_elsewhere_is_followed() -> None:
    meter = Meter()
    totals = [2.0, 2.0, 5.0]
    meter.sample(lambda: meter.follow(CALLBACKS, totals.pop(0), "delivered"))
    assert [meter.collect().counts[(CALLBACKS, ("delivered",))] for _ in range(3)] == [2, 0, 3]


def test_gauges_stand_until_they_are_set_anew() -> None:
    meter = Meter()
    meter.set(JOBS_LIVE, 4)
    assert meter.collect().gauges == {(JOBS_LIVE, ()): 4}
    assert meter.collect().gauges == {(JOBS_LIVE, ()): 4}


def test_a_source_that_fails_costs_its_own_figures_alone(caplog: pytest.LogCaptureFixture) -> None:
    meter = Meter()

    def broken() -> None:
        raise RuntimeError("no figure")

    meter.sample(broken)
    meter.sample(lambda: meter.set(JOBS_LIVE, 1))
    assert meter.collect().gauges == {(JOBS_LIVE, ()): 1}
    assert "no figure" in caplog.text


async def test_a_stage_is_timed_unless_it_fails() -> None:
    clock = ManualClock()
    meter = Meter(clock)
    with meter.timed(TimedStage.RENDER):
        await clock.advance(1.5)
    with pytest.raises(ValueError, match="damaged"), meter.timed(TimedStage.RENDER):
        raise ValueError("damaged")
    assert meter.collect().values == {(STAGE_TIME, ("render",)): [1.5]}


def test_nothing_is_lost_between_threads() -> None:
    meter = Meter()
    seen: list[float] = []

    def observe() -> None:
        for _ in range(2000):
            meter.observe(BATCH_PAGES, 1.0, "null")

    threads = [threading.Thread(target=observe) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        seen += meter.collect().values.get((BATCH_PAGES, ("null",)), [])
    seen += meter.collect().values.get((BATCH_PAGES, ("null",)), [])
    assert len(seen) == 8000
