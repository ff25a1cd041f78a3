"""What a process's meter has counted goes to Ray, which exports it for Prometheus from every node.

Every second, in one go: a call of Ray's costs some microseconds, and takes no number of observations at once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import psutil

from cluster.clock import Clock
from cluster.meter import Collected, Meter, Series
from cluster.metrics import PROCESS_MEMORY, PROCESS_STARTED, Kind, Metric

log = logging.getLogger(__name__)

EVERY_S = 1.0


class RayMetrics:
    """Runs for as long as its process does; what came in the last second before the process ends is lost."""

    def __init__(self, meter: Meter, clock: Clock) -> None:
        self._meter = meter
        self._clock = clock
        self._made: dict[tuple[Metric, bool], Any] = {}
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """In the running event loop. Once is enough."""
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    def export(self) -> None:
        """Sends what has come since the last time."""
        collected = self._meter.collect()
        try:
            self._send(collected)
        except Exception:  # whatever Ray says: work goes on without metrics
            log.exception("metrics could not be exported")

    async def _run(self) -> None:
        while True:
            self.export()
            await self._clock.sleep(EVERY_S)

    def _send(self, collected: Collected) -> None:
        for series, amount in collected.counts.items():
            self._record(series, amount)
        for series, values in collected.values.items():
            for value in values:
                self._record(series, value)
            self._record(series, sum(values), summed=True)
        for series, value in collected.gauges.items():
            self._record(series, value)

    def _record(self, series: Series, value: float, *, summed: bool = False) -> None:
        """summed: the value is added to the counter beside the histogram."""
        metric, labels = series
        made = self._made.get((metric, summed)) or self._make(metric, summed=summed)
        # Not by inc(), which refuses the 0 that makes a series known.
        made._record(value, dict(zip(metric.labels, labels, strict=True)))

    def _make(self, metric: Metric, *, summed: bool) -> Any:
        from ray.util import metrics

        if summed:
            made = metrics.Counter(metric.summed, f"All of it: {metric.meaning}", metric.labels)
        elif metric.kind is Kind.HISTOGRAM:
            made = metrics.Histogram(metric.name, metric.meaning, list(metric.buckets), metric.labels)
        else:
            kind = metrics.Counter if metric.kind is Kind.COUNTER else metrics.Gauge
            made = kind(metric.name, metric.meaning, metric.labels)
        self._made[(metric, summed)] = made
        return made


def metered_process(role: str, clock: Clock, memory_mb: Callable[[], float], pool: str = "") -> Meter:
    """This process's meter, exported from now on; the running event loop carries it.

    role: Ingress, JobHost, Renderer or OCRActor. pool: of an OCRActor, its engine. memory_mb: what the process takes.
    """
    meter = Meter(clock)
    meter.set(PROCESS_STARTED, psutil.Process().create_time(), role, pool)
    meter.sample(lambda: meter.set(PROCESS_MEMORY, memory_mb() * 1e6, role, pool))
    RayMetrics(meter, clock).start()
    return meter
