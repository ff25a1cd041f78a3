"""Saving coalesced: whatever happens to a job, only its newest state is written, one write in flight, paced."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context, copy_context

from actors.job.ledger import BACKOFF_S, RecordLedger
from actors.job.pacing import SavePacer
from cluster.clock import Clock
from cluster.errors import BlobThrottled, Fenced
from cluster.record import JobRecord, Tombstone

log = logging.getLogger(__name__)


class RecordSaver:
    """stored(record, data) is called for each version that is durable, fenced() once if the record is lost to another.

    broken(): once, where a save, or what it is told to, ends as nobody foresaw; nothing more is written then.

    A task runs only while there is something to save, each in a context of its own.
    """

    def __init__(
        self,
        ledger: RecordLedger,
        clock: Clock,
        stored: Callable[[JobRecord | Tombstone, bytes], None],
        fenced: Callable[[], None],
        pacer: SavePacer | None = None,
        context: Callable[[], Context] = copy_context,
        broken: Callable[[], None] = lambda: None,
    ) -> None:
        self._context = context
        self._broken = broken
        self._ledger = ledger
        self._clock = clock
        self._stored = stored
        self._fenced = fenced
        self._pacer = pacer or SavePacer()
        self._newest: JobRecord | Tombstone | None = None
        self._since = 0.0
        self._urgent = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def claimed(self, *, taken_over: bool = False) -> None:
        """The claim was a write, too, or several. taken_over: the job had another owner before."""
        for _ in range(self._ledger.writes):
            self._pacer.saved(self._clock.monotonic(), self._ledger.size)
        if taken_over:
            self._pacer.taken_over(self._clock.monotonic())

    def offer(self, record: JobRecord | Tombstone, *, urgent: bool) -> None:
        """This is the newest state; ``urgent`` saves go at once."""
        if self._closed:
            return
        if self._newest is None:
            self._since = self._clock.monotonic()
        self._newest = record
        if urgent:
            self._urgent.set()
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), context=self._context())

    def close(self) -> None:
        """Nothing more is written, except what is already on its way."""
        self._closed = True
        self._newest = None
        self._ledger.close()

    async def _run(self) -> None:
        attempt = 0
        try:
            while self._newest is not None:
                await self._pace()
                if await self._save_newest():
                    attempt = 0
                    continue
                await self._clock.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
                attempt += 1
        except Fenced:
            self.close()
            self._fenced()
        except Exception:  # whatever it is: a job that waits for this save would wait for ever
            log.exception("a record could not be saved; its job is given up for the next sweep")
            self.close()
            self._broken()
        finally:
            self._task = None

    async def _pace(self) -> None:
        while self._newest is not None:
            urgent = self._urgent.is_set()
            delay = self._pacer.wait(self._clock.monotonic(), self._since, urgent)
            if delay <= 0:
                return
            await self._sleep(delay, until_urgent=not urgent)

    async def _sleep(self, seconds: float, *, until_urgent: bool) -> None:
        sleeping = asyncio.ensure_future(self._clock.sleep(seconds))
        if not until_urgent:
            await sleeping
            return
        urgent = asyncio.ensure_future(self._urgent.wait())
        await asyncio.wait((sleeping, urgent), return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        urgent.cancel()

    async def _save_newest(self) -> bool:
        record, self._newest = self._newest, None
        if record is None:
            return True
        urgent = self._urgent.is_set()
        self._urgent.clear()
        data: bytes | None = None
        try:
            data = await self._ledger.save(record)
            self._pacer.saved(self._clock.monotonic(), self._ledger.size)  # also where it is not known to have landed
        except BlobThrottled:
            self._pacer.throttled(self._clock.monotonic())
        if data is not None:
            self._stored(record, data)
            return True
        if self._newest is None and not self._closed:
            self._newest = record
        if urgent:
            self._urgent.set()
        return False
