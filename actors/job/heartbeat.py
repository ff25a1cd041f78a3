"""Heartbeats: how a host process shows that it lives, and how another judges that one does not.

No rule compares two machines' clocks: an observer counts its own successful readings of one unchanged generation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import Clock, to_text
from cluster.errors import BlobConflict, BlobError, BlobNotFound

log = logging.getLogger(__name__)

READINGS = 5
"""So many successful readings with one generation, an interval apart, mean that the owner stands still."""

GAP_BEATS = 3
"""After so many intervals without a beat others may have claimed our jobs."""


class Heartbeat:
    """A host process's sign of life. interval_s: seconds between beats. silences: how often it was found silent."""

    def __init__(self, blobs: BlobStore, cluster_id: str, host_name: str, clock: Clock, interval_s: float) -> None:
        self._blobs = blobs
        self._cluster_id = cluster_id
        self._host_name = host_name
        self._clock = clock
        self._interval_s = interval_s
        self._last = clock.monotonic()
        self.incarnation = 0
        self.silences = 0

    @property
    def owner(self) -> str:
        """``<cluster>/<host name>/<incarnation>``, the front of every owner of this process."""
        return f"{self._cluster_id}/{self._host_name}/{self.incarnation:08d}"

    async def start(self) -> None:
        """Takes the next incarnation, before the first claim."""
        while True:
            self.incarnation = await self._last_taken() + 1
            try:
                await self._blobs.create(self._name, self._body())
            except BlobConflict:
                continue
            self._last = self._clock.monotonic()
            return

    async def _last_taken(self) -> int:
        """The highest incarnation that has a heartbeat, 0 where none has: each life leaves one, unless it drained."""
        prefix, start, taken = layout.heartbeats_of_host(self._cluster_id, self._host_name), "", 0
        while listed := await self._blobs.list(prefix, start):
            taken = max(taken, *(int(info.name.removeprefix(prefix)) for info in listed))
            start = listed[-1].name + "\0"
        return taken

    async def run(self, silent: Callable[[], None], heard_again: Callable[[], None]) -> None:
        """Beats for ever.

        ``silent`` is called GAP_BEATS intervals after the last beat that succeeded, and every interval from then on:
        others may claim our jobs. ``heard_again`` is called when a beat succeeds after that.
        """

        def counted() -> None:
            self.silences += 1
            silent()

        await asyncio.gather(self._beat(counted, heard_again), self._notice(counted))

    async def _notice(self, silent: Callable[[], None]) -> None:
        """By a timer of its own: a beat that the store does not answer may hang for longer than a silence may last."""
        while True:
            left = self._last + GAP_BEATS * self._interval_s - self._clock.monotonic()
            if left <= 0:
                silent()
            await self._clock.sleep(left if left > 0 else self._interval_s)

    async def _beat(self, silent: Callable[[], None], heard_again: Callable[[], None]) -> None:
        while True:
            await self._clock.sleep(self._interval_s)
            try:
                await self._blobs.put(self._name, self._body())
            except BlobError as error:
                log.warning("heartbeat: the blob store refused it: %s", error.detail)
                continue
            except Exception:  # or the host would work on without a sign of life, and lose its jobs one by one
                log.exception("heartbeat: a beat broke off")
                continue
            gap = self._clock.monotonic() - self._last
            self._last = self._clock.monotonic()
            if gap >= GAP_BEATS * self._interval_s:
                log.warning("heartbeat: silent for %.0f s; reading every record again", gap)
                silent()
                heard_again()

    async def stop(self) -> None:
        """Removes the sign of life: nobody needs to wait for it."""
        try:
            await self._blobs.delete(self._name)
        except BlobError:
            log.info("heartbeat: could not be removed; it will be seen to stand still")

    @property
    def _name(self) -> str:
        return layout.heartbeat(self._cluster_id, self._host_name, self.incarnation)

    def _body(self) -> bytes:
        return orjson.dumps({"host": self._host_name, "beat_at": to_text(self._clock.now())})


@dataclass(slots=True)
class _Reading:
    generation: int | None
    count: int
    at: float


@dataclass(slots=True)
class OwnerWatch:
    """What was read of other hosts' heartbeats. Pure but for ``look``."""

    interval_s: float
    _readings: dict[str, _Reading] = field(default_factory=dict)

    def observe(self, name: str, generation: int | None, now: float) -> None:
        """A successful reading of a heartbeat (None: it is absent). Readings closer than the interval don't count."""
        last = self._readings.get(name)
        if last is None or last.generation != generation:
            self._readings[name] = _Reading(generation, 1, now)
        elif now - last.at >= self.interval_s:
            last.count += 1
            last.at = now

    def failed(self, name: str) -> None:
        """A reading failed: the count starts anew, a storage outage is no dead owner."""
        self._readings.pop(name, None)

    def stands_still(self, name: str) -> bool:
        reading = self._readings.get(name)
        return reading is not None and reading.count >= READINGS

    def forget(self, keep: set[str]) -> None:
        for name in set(self._readings) - keep:
            del self._readings[name]

    async def look(self, blobs: BlobStore, name: str, clock: Clock) -> None:
        """Reads the heartbeat once."""
        try:
            generation: int | None = (await blobs.read(name)).generation
        except BlobNotFound:
            generation = None
        except BlobError:
            self.failed(name)
            return
        self.observe(name, generation, clock.monotonic())
