"""Whether processes grow: their memory, looked at again and again, and the slope of the line through what was seen.

Only anonymous memory counts, which is a process's own. Files that it maps (libraries) are bounded, and its share of
them (PSS) grows when another program on the machine ends that had mapped them as well; the shared memory of page images
is bounded, too, and of the cluster as a whole. What a page takes while it is worked on comes and goes, so the least of
each half minute counts: what a process is left with.

The first third of the time is left out, in which caches fill. What remains in memory rises in steps, so a reading
tells little beyond the one before it: the standard error counts readings as fewer, the more each is like the last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, sqrt
from pathlib import Path

import psutil

from benchmarks.running_cluster import RunningCluster

EVERY_S = 2.0
LEAST_OF_S = 30.0
LEFT_OUT = 1 / 3
SURE = 2.0
"""A slope is above a limit where it is so many standard errors above it."""


@dataclass(frozen=True, slots=True)
class Slope:
    """MB an hour, and the standard error of that."""

    mb_an_hour: float
    error: float

    def surely_above(self, limit: float) -> bool:
        return self.mb_an_hour - SURE * self.error > limit

    def surely_below(self, limit: float) -> bool:
        return self.mb_an_hour + SURE * self.error < limit


def slope(seconds: Sequence[float], megabytes: Sequence[float]) -> Slope:
    """By least squares. With fewer than three readings, or all at one time, the error is infinite."""
    count = len(seconds)
    middle = sum(seconds) / count if count else 0.0
    spread = sum((at - middle) ** 2 for at in seconds)
    if count < 3 or not spread:
        return Slope(0.0, inf)
    height = sum(megabytes) / count
    rise = sum((at - middle) * (mb - height) for at, mb in zip(seconds, megabytes, strict=True)) / spread
    rest = [mb - height - rise * (at - middle) for at, mb in zip(seconds, megabytes, strict=True)]
    squares = sum(off**2 for off in rest)
    error = sqrt(squares / (count - 2) / spread)
    return Slope(3600 * rise, 3600 * error * sqrt(_readings_to_tell_as_much_as_one(rest)))


def _readings_to_tell_as_much_as_one(rest: Sequence[float]) -> float:
    """From how much each reading's distance from the line is like the one before it; at least 1."""
    squares = sum(off**2 for off in rest)
    if not squares:
        return 1.0
    alike = sum(one * next_one for one, next_one in pairwise(rest)) / squares
    alike = min(max(alike, 0.0), 0.98)
    return (1 + alike) / (1 - alike)


@dataclass
class Readings:
    """Of one process: when, in seconds since the first of all, and how much."""

    name: str
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def floor(self, start: float = 0.0) -> tuple[list[float], list[float]]:
        """The least reading of each whole LEAST_OF_S from ``start`` on, and when it was."""
        least: dict[int, tuple[float, float]] = {}
        whole = int((max(self.seconds, default=start) - start) // LEAST_OF_S)
        for at, megabytes in zip(self.seconds, self.megabytes, strict=True):
            span = int((at - start) // LEAST_OF_S)
            if 0 <= span < whole and (span not in least or megabytes < least[span][1]):
                least[span] = at, megabytes
        return [at for at, _ in least.values()], [mb for _, mb in least.values()]

    def least(self, start: float, end: float) -> float:
        """Infinite where there is no reading between them."""
        return min((mb for at, mb in zip(self.seconds, self.megabytes, strict=True) if start <= at <= end), default=inf)

    def slope(self, start: float) -> Slope:
        """Of the floor from ``start`` on."""
        return slope(*self.floor(start))


class MemoryWatch:
    """Looks at all processes of a cluster every ``every_s`` from ``start`` until ``stop``."""

    def __init__(self, cluster: RunningCluster, every_s: float = EVERY_S) -> None:
        self._cluster = cluster
        self._every_s = every_s
        self._readings: dict[int, Readings] = {}
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._began = time.monotonic()

    def start(self) -> None:
        self._began = time.monotonic()
        self._looking.start()

    def stop(self) -> list[Readings]:
        """Of the processes that lived through all that counts, those that take most memory first."""
        self._over.set()
        self._looking.join()
        ends = [readings.seconds[-1] for readings in self._readings.values()]
        counts_from = self.counts_from
        whole = [
            readings
            for readings in self._readings.values()
            if readings.seconds[0] <= counts_from and readings.seconds[-1] >= max(ends) - 2 * self._every_s
        ]
        return sorted(whole, key=lambda readings: -readings.megabytes[-1])

    @property
    def counts_from(self) -> float:
        latest = max((readings.seconds[-1] for readings in self._readings.values()), default=0.0)
        return latest * LEFT_OUT

    def _look(self) -> None:
        while not self._over.is_set():
            self._read(time.monotonic() - self._began)
            self._over.wait(self._every_s)

    def _read(self, now: float) -> None:
        for process in self._cluster.processes():
            try:
                megabytes = own_megabytes(process.pid)
                readings = self._readings.setdefault(process.pid, Readings(_name(process)))
            except (OSError, psutil.Error):
                continue  # it is gone
            readings.seconds.append(now)
            readings.megabytes.append(megabytes)


def own_megabytes(pid: int) -> float:
    """A process's anonymous memory, swapped out or not. OSError where it is gone."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size, _ = line.split()
        sizes[name] = int(size)
    return (sizes["Anonymous:"] + sizes["Swap:"]) * 1024 / 1e6


def _name(process: psutil.Process) -> str:
    """What a person knows it by: Ray's title of an actor, the script that Python runs, or the program."""
    words = process.cmdline() or [process.name()]
    if words[0].startswith("ray::"):
        return words[0].removeprefix("ray::").removeprefix("ServeReplica:gnosis-ocr:").partition(".")[0]
    if words[-1].startswith("actors.render."):  # what it runs is its last argument
        return "layout process" if "layout" in words[-1] else "rendering process"
    if "python" in Path(words[0]).name:
        script = next((word for word in words[1:] if not word.startswith("-")), words[0])
        return script if script.count(".") and not script.endswith(".py") else Path(script).name
    return Path(words[0]).name
