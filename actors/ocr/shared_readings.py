"""Readings shared by a job's owners: what one that died had asked for is not read once more for the next.

A dead host's calls stay in a replica, and its pages are read for nobody; the job's next owner, which knows nothing of
them, asks for the same pages a second or two later. Its call joins the older one's reading, or gets what came of it a
moment ago. Within one claim nothing is shared: who asks twice there wants it read twice.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from actors.ocr.protocol import RecognizeRequest
from cluster.clock import Clock

Answer = TypeVar("Answer")

KEPT_S = 30.0
"""A job's next owner comes within seconds; no text of a document that may be deleted stays for long."""

_Key = tuple[str, int, str, int, int, tuple[str, ...]]


@dataclass(slots=True)
class _Reading(Generic[Answer]):
    """epoch: of the last claim that took it. ended: on the clock's monotonic scale; None while it is read."""

    epoch: int
    task: asyncio.Task[Answer]
    waiting: int = 0
    ended: float | None = None


class SharedReadings(Generic[Answer]):
    """most: readings that are kept once they have ended. keeps: whether an answer is worth it; a failure may pass."""

    def __init__(self, most: int, clock: Clock, keeps: Callable[[Answer], bool]) -> None:
        self._most = most
        self._clock = clock
        self._keeps = keeps
        self._readings: OrderedDict[_Key, _Reading[Answer]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._readings)

    async def answer(
        self, request: RecognizeRequest, read: Callable[[RecognizeRequest], Coroutine[Any, Any, Answer]]
    ) -> Answer:
        """What ``read`` answers for this request, or has for an older claim's. Raises what it raises.

        Who is cancelled ends the reading, unless another waits for it.
        """
        if request.alone or not request.origin.epoch:
            return await read(request)
        self.forget_old()
        key = (request.job_id, request.page, request.image, request.width, request.height, request.languages)
        reading = self._readings.get(key)
        if reading is None or reading.epoch >= request.origin.epoch:
            reading = _Reading(request.origin.epoch, asyncio.create_task(read(request)))
            self._readings[key] = reading
        reading.epoch = request.origin.epoch  # it is that claim's now: asked for by it once more, it is read once more
        reading.waiting += 1
        try:
            return await asyncio.shield(reading.task)
        finally:
            reading.waiting -= 1
            if not reading.waiting:
                self._settle(key, reading)

    def forget_old(self) -> None:
        """What ended too long ago goes; to be called now and then."""
        latest = self._clock.monotonic() - KEPT_S
        ended = [(key, one) for key, one in self._readings.items() if one.ended is not None]
        for number, (key, one) in enumerate(reversed(ended)):
            if number >= self._most or (one.ended is not None and one.ended < latest):
                del self._readings[key]

    def _settle(self, key: _Key, reading: _Reading[Answer]) -> None:
        """Nobody waits for it any more: kept where it is of use, else gone."""
        task = reading.task
        kept = task.done() and not task.cancelled() and task.exception() is None and self._keeps(task.result())
        task.cancel()  # does nothing to one that is done
        if self._readings.get(key) is not reading:
            return
        if not kept:
            del self._readings[key]
            return
        reading.ended = self._clock.monotonic()
        self._readings.move_to_end(key)
        self.forget_old()
