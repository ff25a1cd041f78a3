"""The meter of one process: counts and observes in memory, so that a page costs it microseconds.

Whoever exports (ray_metrics.py) collects once in a while what has come since. Safe from any thread: an engine's batch
is observed in the engine's own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cluster.clock import Clock, SystemClock
from cluster.metrics import STAGE_TIME, Metric, TimedStage

log = logging.getLogger(__name__)

Labels = tuple[str, ...]
Series = tuple[Metric, Labels]


@dataclass(frozen=True, slots=True)
class Collected:
    """counts: by how much each counter grew; 0 for one that was announced and has not grown. values: observed ones, of
    each histogram. gauges: as they stand."""

    counts: dict[Series, float]
    values: dict[Series, list[float]]
    gauges: dict[Series, float]


class Meter:
    """Labels are given in the order of ``metric.labels``."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._counts: dict[Series, float] = {}
        self._values: dict[Series, list[float]] = {}
        self._gauges: dict[Series, float] = {}
        self._followed: dict[Series, float] = {}
        self._sources: list[Callable[[], None]] = []

    def add(self, metric: Metric, *labels: str, amount: float = 1) -> None:
        """amount: 0 announces the series, so that Prometheus sees it before it first grows."""
        series = (metric, labels)
        with self._lock:
            self._counts[series] = self._counts.get(series, 0) + amount

    def follow(self, metric: Metric, total: float, *labels: str) -> None:
        """A counter that is counted elsewhere stands at ``total`` by now."""
        series = (metric, labels)
        self.add(metric, *labels, amount=max(0.0, total - self._followed.get(series, 0)))
        self._followed[series] = total

    def observe(self, metric: Metric, value: float, *labels: str, times: int = 1) -> None:
        with self._lock:
            self._values.setdefault((metric, labels), []).extend([value] * times)

    def set(self, metric: Metric, value: float, *labels: str) -> None:
        with self._lock:
            self._gauges[(metric, labels)] = value

    @contextmanager
    def timed(self, stage: TimedStage) -> Iterator[None]:
        """Observes how long the block takes, unless it raises."""
        begun = self._clock.monotonic()
        yield
        self.observe(STAGE_TIME, self._clock.monotonic() - begun, stage)

    def sample(self, source: Callable[[], None]) -> None:
        """``source`` is called before each collection, to set gauges and follow counters."""
        self._sources.append(source)

    def collect(self) -> Collected:
        """What came since the last collection, and the gauges."""
        for source in self._sources:
            try:
                source()
            except Exception:  # a figure that can't be had must not cost the others
                log.exception("a source of metrics failed")
        with self._lock:
            collected = Collected(self._counts, self._values, dict(self._gauges))
            self._counts, self._values = {}, {}
        return collected
