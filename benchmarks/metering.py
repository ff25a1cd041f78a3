"""What metrics cost: processor time for one page, counted in memory, and handed to Ray once a second."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable

from cluster import metrics
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.metered import MeteredBlobStore
from cluster.clock import SystemClock
from cluster.meter import Meter
from cluster.metrics import STAGE_TIME, TimedStage
from cluster.ray_metrics import RayMetrics

BATCH = 8
PAGES_A_SECOND = 300


async def one_page(meter: Meter, store: MeteredBlobStore | MemoryBlobStore, number: int) -> None:
    """What is counted for a page in all processes: its stages, its batch, its image, its result, its end."""
    for stage in (TimedStage.WAIT, TimedStage.RENDER, TimedStage.ARRANGE, TimedStage.SAVE):
        with meter.timed(stage):
            pass
    meter.observe(STAGE_TIME, 0.01, TimedStage.QUEUE)
    if number % BATCH == 0:
        meter.observe(STAGE_TIME, 0.1, TimedStage.RECOGNISE, times=BATCH)
        for metric in (metrics.BATCH_PAGES, metrics.BATCH_FILL, metrics.BATCH_TIME):
            meter.observe(metric, 1.0, "null")
    meter.add(metrics.PAGES_ENDED, "completed", "null", "ocr")
    await store.put("image", b"")
    await store.put("result", b"")


async def bare_page(store: MemoryBlobStore) -> None:
    await store.put("image", b"")
    await store.put("result", b"")


async def micros(pages: int, page: Callable[[int], Awaitable[None]], every: Callable[[], None]) -> float:
    """Microseconds of processor time a page. every: called as often as a busy host would in so many pages."""
    begun = time.process_time()
    for number in range(pages):
        await page(number)
        if number % PAGES_A_SECOND == 0:
            every()
    return (time.process_time() - begun) / pages * 1e6


async def measure(pages: int) -> None:
    clock = SystemClock()
    plain = MemoryBlobStore()
    bare = await micros(pages, lambda number: bare_page(plain), lambda: None)
    meter = Meter(clock)
    store = MeteredBlobStore(MemoryBlobStore(), meter, clock)

    async def metered(number: int) -> None:
        await one_page(meter, store, number)

    def dropped() -> None:
        meter.collect()

    counted = await micros(pages, metered, dropped)
    exported = await micros(pages, metered, RayMetrics(meter, clock).export)
    print(f"counted in memory    {(counted - bare) / 1000:.3f} ms a page")
    print(f"and handed to Ray    {(exported - bare) / 1000:.3f} ms a page")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks metering", description=__doc__)
    parser.add_argument("--pages", type=int, default=30_000)
    asyncio.run(measure(parser.parse_args().pages))
