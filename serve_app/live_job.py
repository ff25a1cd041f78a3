"""A job under watch: one call to its host at a time, whatever the number of those who want to know.

The watch runs in a task of its own, in an empty context, so that no client's disconnect cancels it. It goes on while
somebody listens, and a little longer for those who only ask now and then; it ends with the job. Where no host answers
for the job, the store is read once a second in its place, and nothing is answered from memory.

What is asked of the host depends on who listens: the job's end alone is one call, whatever the job does meanwhile.
Who wants more has the call replaced by another one.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from enum import IntEnum

from cluster.clock import Clock
from cluster.errors import BlobUnavailable, GnosisError
from serve_app.event_pieces import EventPieces
from serve_app.found import Found, found_for
from serve_app.gateway import Gateway, StoredRecord
from serve_app.identity import Identity
from serve_app.job_view import JobView
from serve_app.waiters import Waiters

log = logging.getLogger(__name__)

WATCH_S = 5.0
"""How long the host keeps a call: whoever waits in vain for its answer knows soon that the host can't be reached."""
END_WATCH_S = 30.0
POLL_S = 1.0
"""How often the store is read where no host can be watched."""
LEAVE_S = 0.1
"""So long those who were told of a job's end have to leave, before it is watched for its next change."""
IDLE_S = 10.0
"""How long a job is watched that nobody has asked for."""


class Demand(IntEnum):
    """What is wanted of a watch, in rising order."""

    END = 1
    VERSIONS = 2
    PAGES = 3


class LiveJob:
    """caller: the job's owner. first: as it was found, ``held`` by a host or not. read: finds it in the store.

    on_end is called once. ``view`` is what is known; it raises what keeps the job from being shown, JobNotFound where
    it was deleted.
    """

    def __init__(
        self,
        caller: Identity,
        first: Found,
        held: bool,
        gateway: Gateway,
        clock: Clock,
        read: Callable[[Identity, str], Awaitable[Found]],
        on_end: Callable[[LiveJob], None],
    ) -> None:
        self.job_id = first.record.job_id
        self.asked_at = float("-inf")
        self.pieces = EventPieces()
        self._caller = caller
        self._gateway = gateway
        self._clock = clock
        self._read = read
        self._on_end = on_end
        self._view = JobView(first)
        self._failure: Exception | None = None
        self._attached_until = clock.monotonic() + POLL_S if held else float("-inf")
        self._listeners: list[Demand] = []
        self._call: asyncio.Future[StoredRecord | None] | None = None
        self._pausing: asyncio.Future[None] | None = None
        self._asked = Demand.END
        self._asked_etag = ""
        self._answer_by = float("-inf")
        self._waiters = Waiters(clock)
        self._task = asyncio.get_running_loop().create_task(self._run(), context=contextvars.Context())

    # ------------------------------------------------------------ what is known

    @property
    def view(self) -> JobView:
        if self._failure is not None:
            raise self._failure
        return self._view

    @property
    def fresh(self) -> bool:
        """Whether ``view`` is what the host shows now, a message's way ago."""
        return self._failure is None and self._clock.monotonic() < self._attached_until

    @property
    def size(self) -> int:
        """Bytes of the record."""
        return len(self._view.found.data)

    @property
    def idle(self) -> bool:
        return not self._listeners

    def offer(self, found: Found) -> None:
        """The record was found elsewhere; where it is newer, it is what is known."""
        if found.record.revision > self._view.record.revision:
            self._show(JobView(found))

    def doubt(self) -> None:
        """``view`` is known to be older than what is stored: it is fresh again once the host has answered."""
        self._attached_until = float("-inf")

    def confirm(self, found: Found) -> None:
        """A host has just shown this version: where the call that goes on waits for the next, ``view`` is fresh."""
        if self._asked_etag == found.etag == self._view.found.etag:
            self._attached_until = self._answer_by

    # ------------------------------------------------------------ who listens

    def touch(self) -> None:
        """Somebody has asked for the record, and may ask again."""
        self.asked_at = self._clock.monotonic()
        self._want(Demand.VERSIONS)

    def add(self, demand: Demand) -> None:
        self._listeners.append(demand)
        self._want(demand)
        if self._pausing is not None:
            self._pausing.cancel()  # whoever comes has reason to look, such as an order just given

    def remove(self, demand: Demand) -> None:
        self._listeners.remove(demand)
        if demand is not Demand.END:
            self.asked_at = self._clock.monotonic()

    def _want(self, demand: Demand) -> None:
        if demand > self._asked and self._call is not None:
            self._call.cancel()  # another one follows at once

    async def wait(self, view: JobView, timeout_s: float) -> None:
        """Returns once there is another view than this one, or a failure, or after ``timeout_s``."""
        if self._failure is not None or self._view is not view or timeout_s <= 0:
            return
        await self._waiters.wait(timeout_s)

    def close(self) -> None:
        """Ends the watch; nobody may listen."""
        self._task.cancel()

    # ------------------------------------------------------------ the watch

    async def _run(self) -> None:
        try:
            while (demand := self._demand()) is not None:
                await self._look(demand)
        except Exception as error:
            self._failure = error
            if not isinstance(error, GnosisError):  # of a job that nobody listens to nobody else would tell it
                log.exception("job %s: the watch broke off", self.job_id)
        finally:
            self._attached_until = float("-inf")
            self._on_end(self)
            self._waiters.wake()

    def _demand(self) -> Demand | None:
        """None where the watch is to end. Of a job that has ended only a change is waited for, such as a retry."""
        ended = self._view.record.terminal
        wanted = [demand for demand in self._listeners if not ended or demand is Demand.VERSIONS]
        if not ended and self._clock.monotonic() - self.asked_at < IDLE_S:
            wanted.append(Demand.VERSIONS)
        return max(wanted, default=None)

    async def _look(self, demand: Demand) -> None:
        before, begun = self._view, self._clock.monotonic()
        timeout_s = END_WATCH_S if demand is Demand.END else WATCH_S
        if demand is Demand.END or begun >= self._attached_until:
            self._attached_until = float("-inf")
        else:
            self._attached_until = begun + timeout_s + POLL_S
        self._asked = demand
        if demand is not Demand.END:
            self._asked_etag, self._answer_by = before.found.etag, begun + timeout_s + POLL_S
        call = asyncio.ensure_future(
            self._gateway.watch(
                self.job_id,
                before.found.etag,
                timeout_s,
                until_end=demand is Demand.END,
                ahead=len(before.ahead) if demand is Demand.PAGES else None,
            )
        )
        self._call = call
        try:
            held = await call
        except asyncio.CancelledError:
            _raise_if_ended()
            return  # somebody wants more
        finally:
            self._call, self._asked_etag = None, ""
        shown = None if held is None else self._decoded(before, held)
        if shown is None:
            self._attached_until = float("-inf")
            await self._look_into_the_store()
        else:
            self._attached_until = self._clock.monotonic() + POLL_S
            self._show(shown)
            if shown.record.terminal:
                self._attached_until = float("-inf")
                await self._clock.sleep(LEAVE_S)
            elif shown is before and self._clock.monotonic() - begun < POLL_S:
                self._attached_until = float("-inf")
                await self._pause()  # a host that answers too early is not asked in a tight circle

    def _decoded(self, asked: JobView, held: StoredRecord) -> JobView | None:
        """The view of what a host shows; None where that is older than what is known: the host was fenced.

        asked: with which it was asked, which may not be the last any more.
        """
        known = self._view
        if held.etag == known.found.etag:
            return known if held.ahead == known.ahead else JobView(known.found, held.ahead)
        if held.etag == asked.found.etag:
            return known  # something newer was found elsewhere meanwhile; whether the host knows, the next call tells
        found = found_for(self._caller, self.job_id, held.data)
        return JobView(found, held.ahead) if found.record.revision > known.record.revision else None

    async def _look_into_the_store(self) -> None:
        try:
            found = await self._read(self._caller, self.job_id)
        except BlobUnavailable as error:
            log.debug("job %s: the store does not answer yet: %s", self.job_id, error.detail)
        else:
            if found.etag != self._view.found.etag:
                self._show(JobView(found))
        if self._demand() is not None:
            await self._pause()

    async def _pause(self) -> None:
        self._pausing = asyncio.ensure_future(self._clock.sleep(POLL_S))
        try:
            await self._pausing
        except asyncio.CancelledError:
            _raise_if_ended()
        finally:
            self._pausing = None

    def _show(self, view: JobView) -> None:
        if view is not self._view:
            self._view = view
            self._waiters.wake()


def _raise_if_ended() -> None:
    """Within ``except CancelledError``: raises it where the watch itself is to end, not only what it waited for."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
