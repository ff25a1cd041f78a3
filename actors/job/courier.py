"""The courier: sends the callbacks that are due, beside a host's jobs.

Theory of operation. A callback is due while its marker says so; what the courier knows of it beyond that (attempts, the
next one's hour) is lost with the process, and the next host begins anew. Every attempt reads the record, then the
marker: if that still stands at the generation known, the record read is the run's terminal one, and nobody has ordered
anything else. The sending begins within CHECK_S of that look, so a deletion, whose marker is written before its record,
is overtaken by no more. What the courier holds is small and bounded: records are in memory only while they are sent, so
many at once; markers past MOST_DUE are only remembered, and read again when there is room.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.job.callback import Callback
from actors.job.callback_marker import release_callback
from actors.job.callback_port import CallbackAnswer
from actors.job.callback_queue import CallbackQueue
from actors.job.marker_removal import remove_marker
from actors.job.services import Services
from cluster import layout
from cluster.errors import BlobError, BlobNotFound, BlobUnavailable, FetchFailed

log = logging.getLogger(__name__)

MOST_DUE = 10_000
CHECK_S, CHECKS = 5.0, 5
STORE_PAUSE_S = 5.0
"""Until the next look after the store did not answer; such an attempt does not count."""

ROUND_PAUSE_S = 1.0
DRAIN_S, RELEASE_S = 5.0, 5.0
RELEASED_AT_ONCE = 16
GONE = 410


@dataclass(slots=True)
class CallbackCounts:
    """Since the host's start. failed: attempts."""

    delivered: int = 0
    failed: int = 0
    given_up: int = 0


class Courier:
    """on_change(job_id): its marker says something that the host should look at."""

    def __init__(self, services: Services, on_change: Callable[[str], None], *, most_due: int = MOST_DUE) -> None:
        self._services = services
        self._on_change = on_change
        self._most_due = most_due
        self._queue = CallbackQueue()
        self._parked: dict[str, int] = {}
        self._attempts: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._closed = False
        self.counts = CallbackCounts()

    @property
    def due(self) -> int:
        return len(self._queue) + len(self._parked)

    def knows(self, job_id: str, generation: int) -> bool:
        """Whether nothing is to be done about this marker; one that waits for room is looked at once there is some."""
        due = self._queue.get(job_id)
        if due is None:
            return generation == self._parked.get(job_id) and not self._room
        return generation == due.callback.generation

    @property
    def _room(self) -> bool:
        return len(self._queue) < self._most_due

    def add(self, callback: Callback) -> None:
        """To be sent at once, or when there is room. One that is known already goes on as it is."""
        if self.knows(callback.job_id, callback.generation):
            return
        self.forget(callback.job_id)
        if not self._room:
            self._parked[callback.job_id] = callback.generation
            return
        self._queue.add(callback, self._services.clock.monotonic())
        self._wake.set()

    def marker_seen(self, job_id: str, generation: int | None) -> None:
        """The marker is at this generation (None: gone). A callback that another one said is not sent any more."""
        if generation is None or not self.knows(job_id, generation):
            self.forget(job_id)

    def forget(self, job_id: str) -> None:
        self._parked.pop(job_id, None)
        self._queue.remove(job_id)
        task = self._attempts.pop(job_id, None)
        if task is not None:
            task.cancel()
        self._wake.set()

    # ------------------------------------------------------------ sending

    async def run(self) -> None:
        """Sends what is due, for ever."""
        while True:
            try:
                await self._round()
            except Exception:  # or no callback of this host would be sent any more
                log.exception("callbacks: a round was broken off")
                await self._services.clock.sleep(ROUND_PAUSE_S)

    async def _round(self) -> None:
        """Starts what may be sent now, and waits until more may."""
        self._wake.clear()
        if not self._closed:
            for callback in self._queue.take(self._services.clock.monotonic()):
                self._start(callback)
        await self._until_next()

    async def _until_next(self) -> None:
        at = None if self._closed else self._queue.next_at()
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._wake.wait())]
        if at is not None:
            pause_s = max(0.0, at - self._services.clock.monotonic())
            waits.append(asyncio.ensure_future(self._services.clock.sleep(pause_s)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _start(self, callback: Callback) -> None:
        task = asyncio.get_running_loop().create_task(self._attempt(callback))
        self._attempts[callback.job_id] = task

    async def _attempt(self, callback: Callback) -> None:
        try:
            again_in_s, tried = await self._send(callback)
        except BlobError as error:
            log.info("callback of %s: the blob store is asked again: %s", callback.job_id, error.detail)
            again_in_s, tried = STORE_PAUSE_S, False
        except Exception:  # whatever it is, it is this callback's alone
            log.exception("callback of %s: an attempt broke off", callback.job_id)
            again_in_s, tried = self._pause_s(callback), True
        self._attempts.pop(callback.job_id, None)
        if again_in_s is None:
            self._end(callback)
        else:
            self._queue.again(callback.job_id, self._services.clock.monotonic() + again_in_s, tried=tried)
            self._wake.set()

    async def _send(self, callback: Callback) -> tuple[float | None, bool]:
        """Seconds until the next attempt, None where there is none to come; and whether this one was made."""
        record = await self._record(callback)
        if record is None:
            self._on_change(callback.job_id)
            return None, False
        try:
            answer = await self._services.callbacks.sender.send(callback, record)
        except FetchFailed as error:
            return await self._failed(callback, error.detail, None)
        except Exception as error:  # whatever the network, or the receiver, comes up with
            log.exception("callback of %s: it could not be sent", callback.job_id)
            return await self._failed(callback, type(error).__name__, None)
        if answer.taken:
            self.counts.delivered += 1
            log.info("callback of %s delivered to %s: %d", callback.job_id, callback.receiver, answer.status)
            await self._settle(callback)
            return None, True
        return await self._failed(callback, f"status {answer.status}", answer)

    async def _record(self, callback: Callback) -> bytes | None:
        """The run's terminal record as it stands at this moment; None where its marker says something else by now."""
        blobs, clock = self._services.blobs, self._services.clock
        try:
            record = await blobs.read(layout.record(callback.prefix))
            for _ in range(CHECKS):
                asked = clock.monotonic()
                marker = await blobs.read(layout.marker(callback.job_id))
                if marker.generation != callback.generation:
                    return None
                if clock.monotonic() - asked <= CHECK_S:
                    return record.data
        except BlobNotFound:
            return None
        raise BlobUnavailable("It is too slow to tell whether the callback is still due.")

    async def _failed(
        self, callback: Callback, reason: str, answer: CallbackAnswer | None
    ) -> tuple[float | None, bool]:
        policy, now = self._services.callbacks.policy, self._services.clock.now()
        self.counts.failed += 1
        gone = answer is not None and answer.status == GONE
        if gone or policy.gives_up(callback.ended_at, now):
            self.counts.given_up += 1
            log.warning("callback of %s to %s given up: %s", callback.job_id, callback.receiver, reason)
            await self._settle(callback)
            return None, True
        pause_s = self._pause_s(callback, answer.retry_after_s if answer else None)
        log.info(
            "callback of %s to %s failed: %s; again in %.0f s", callback.job_id, callback.receiver, reason, pause_s
        )
        return pause_s, True

    def _pause_s(self, callback: Callback, retry_after_s: float | None = None) -> float:
        due, callbacks = self._queue.get(callback.job_id), self._services.callbacks
        attempts = 1 + (due.attempts if due else 0)
        return callbacks.policy.pause_s(attempts, callbacks.chance(), retry_after_s)

    async def _settle(self, callback: Callback) -> None:
        """Nothing is due any more: the marker goes, unless it says something new."""
        blobs, clock = self._services.blobs, self._services.clock
        if not await remove_marker(blobs, clock, callback.job_id, callback.generation):
            self._on_change(callback.job_id)

    def _end(self, callback: Callback) -> None:
        self._queue.remove(callback.job_id)
        self._wake.set()
        if self._parked and self._room and not self._closed:
            self._on_change(next(iter(self._parked)))  # read again, it finds room

    # ------------------------------------------------------------ the host's end

    def close(self) -> None:
        """No attempt is begun any more."""
        self._closed = True

    async def drain(self) -> None:
        """Waits for attempts under way, then lets go of all that is due; at most DRAIN_S and RELEASE_S."""
        self.close()
        if self._attempts:
            await asyncio.wait(self._attempts.values(), timeout=DRAIN_S)
        for task in self._attempts.values():
            task.cancel()
        places = asyncio.Semaphore(RELEASED_AT_ONCE)

        async def release(callback: Callback) -> None:
            async with places:
                try:
                    await release_callback(self._services.blobs, callback)
                except BlobError as error:
                    log.info("callback of %s could not be released: %s", callback.job_id, error.detail)

        tasks = [asyncio.ensure_future(release(callback)) for callback in self._queue.callbacks()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=RELEASE_S)
            for task in late:
                task.cancel()
        await self._services.callbacks.sender.close()
