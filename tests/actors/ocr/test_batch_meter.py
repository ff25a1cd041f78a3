"""What an OCRActor tells the metrics of its batches."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NoReturn

from actors.ocr.engine import BatchLimits
from actors.ocr.null_engine import NullEngine
from actors.ocr.ocr_actor import OCRActor
from actors.ocr.protocol import RecognizeRequest
from actors.ocr.retirement import RetirementLimits
from cluster import metrics
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.errors import ReplicaRetiring
from cluster.meter import Meter


async def unfetched(reference: object) -> NoReturn:
    raise AssertionError("the null engine needs no pixels")


async def test_batches_are_counted_with_their_fill_and_their_pages_time(tmp_path: Path) -> None:
    meter = Meter()
    engine = NullEngine(fault_folder=tmp_path, limits=BatchLimits(pages=4, pixels=1000, wait_ms=0))
    actor = OCRActor(
        engine,
        MemoryBlobStore(),
        unfetched,
        needs_pixels=False,
        retirement=RetirementLimits(pages=6),
        clock=ManualClock(),
        meter=meter,
    )
    await actor.start()
    requests = [RecognizeRequest("job", page, "image", 10, 10, None, False, 0) for page in range(1, 7)]
    await actor.recognize(requests)
    collected = meter.collect()
    sizes = collected.values[(metrics.BATCH_PAGES, ("null",))]
    assert sum(sizes) == 6
    assert collected.values[(metrics.BATCH_FILL, ("null",))] == [size / 4 for size in sizes]
    assert len(collected.values[(metrics.BATCH_TIME, ("null",))]) == len(sizes)
    assert len(collected.values[(metrics.STAGE_TIME, ("queue",))]) == 6
    assert len(collected.values[(metrics.STAGE_TIME, ("recognise",))]) == 6
    assert collected.counts[(metrics.REPLICA_RECYCLES, ("null",))] == 1
    assert collected.gauges[(metrics.BATCH_QUEUE, ("null",))] == 0
    again = await asyncio.gather(actor.recognize(requests), return_exceptions=True)
    assert isinstance(again[0], ReplicaRetiring)
    assert (metrics.REPLICA_RECYCLES, ("null",)) not in meter.collect().counts, "it retires once"
    await actor.close()
