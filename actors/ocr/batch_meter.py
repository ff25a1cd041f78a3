"""What an OCRActor tells the metrics: how full its batches are, how long they take, and what waits for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from actors.ocr.engine import Engine
from actors.ocr.gpu_memory import gpu_memory
from cluster import metrics
from cluster.meter import Meter
from cluster.metrics import STAGE_TIME, TimedStage


class BatchMeter:
    """engine: whose pages they are; its limits are asked as each batch ends."""

    def __init__(self, meter: Meter, engine: Engine) -> None:
        self._meter = meter
        self._engine = engine

    def watch(self, waiting: Callable[[], int]) -> None:
        """waiting: how many pages are in no batch yet."""
        name = self._engine.name
        self._meter.add(metrics.REPLICA_RECYCLES, name, amount=0)

        def sample() -> None:
            self._meter.set(metrics.BATCH_QUEUE, waiting(), name)
            for kind, size in gpu_memory().items():
                self._meter.set(metrics.GPU_MEMORY, size, name, kind)

        self._meter.sample(sample)

    def batch_read(self, waits: Sequence[float], seconds: float) -> None:
        """waits: of each page, until the batch began. seconds: that the batch took."""
        name, pages = self._engine.name, len(waits)
        self._meter.observe(metrics.BATCH_PAGES, pages, name)
        self._meter.observe(metrics.BATCH_FILL, min(1.0, pages / self._engine.limits.pages), name)
        self._meter.observe(metrics.BATCH_TIME, seconds, name)
        for wait in waits:
            self._meter.observe(STAGE_TIME, wait, TimedStage.QUEUE)
        self._meter.observe(STAGE_TIME, seconds, TimedStage.RECOGNISE, times=pages)

    def page_read(self, wait: float, seconds: float) -> None:
        """wait: until the page entered the engine. seconds: until it left it."""
        self._meter.observe(STAGE_TIME, wait, TimedStage.QUEUE)
        self._meter.observe(STAGE_TIME, seconds, TimedStage.RECOGNISE)

    def retiring(self) -> None:
        self._meter.add(metrics.REPLICA_RECYCLES, self._engine.name)
