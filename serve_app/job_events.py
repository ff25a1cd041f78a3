"""The events of a job, as one listener gets them: Server-Sent Events, each made when the client takes it.

What a listener has got is in the id of its last event and nowhere else, so a stream ends without a trace and is gone on
with at any Ingress. Pages come in their order among those that are done; a text is read when its turn comes, so that a
slow reader makes nothing pile up. A job that is retried while its pages are being sent goes on in its next run.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

import orjson

from cluster import layout
from cluster.clock import Clock
from cluster.errors import BlobCorrupt, BlobNotFound, BlobUnavailable, JobNotFound
from cluster.record import PageStatus
from serve_app.event_id import EventId, bad_event_id, parse_event_id
from serve_app.found import Found
from serve_app.identity import Identity
from serve_app.job_view import JobView
from serve_app.live_job import POLL_S, Demand, LiveJob
from serve_app.memory_return import MemoryReturn
from serve_app.page_set import lowest
from serve_app.page_texts import PageTexts
from serve_app.records import Records

COMMENT_S = 15.0
COMMENT = b": still here\n\n"
VERIFY_S = 1.0
"""How often a job that has ended is looked at again while its pages are sent: it may be retried, or deleted."""


class JobEvents:
    def __init__(self, records: Records, texts: PageTexts, clock: Clock, memory: MemoryReturn) -> None:
        self._records = records
        self._texts = texts
        self._clock = clock
        self._memory = memory

    async def open(self, caller: Identity, job_id: str, last_id: str | None) -> AsyncGenerator[bytes, None]:
        """The events after ``last_id``, or all. JobNotFound; OptionInvalid where no event of the job had that id."""
        resumed = None if last_id is None else parse_event_id(last_id)
        found = await self._records.find(caller, job_id)
        if resumed is not None and last_id is not None and not resumed.fits(found.record):
            found = await self._records.find_stored(caller, job_id)
            if not resumed.fits(found.record):
                raise bad_event_id(last_id)
        position = resumed or EventId(found.record.run)
        return _Stream(self._records, self._texts, self._clock, self._memory, caller, position).events(found)


class _Stream:
    def __init__(
        self,
        records: Records,
        texts: PageTexts,
        clock: Clock,
        memory: MemoryReturn,
        caller: Identity,
        position: EventId,
    ) -> None:
        self._records = records
        self._texts = texts
        self._clock = clock
        self._memory = memory
        self._caller = caller
        self._position = position
        self._etag = ""
        self._comment_at = clock.monotonic() + COMMENT_S
        self._verify_at = clock.monotonic() + VERIFY_S
        self._ended = False

    async def events(self, found: Found) -> AsyncGenerator[bytes, None]:
        """Each with the empty line at its end. Ends after ``done``, and where the job is deleted."""
        prefix = layout.job_prefix(self._caller.email, found.record.job_id)
        with suppress(JobNotFound), self._memory.used(), self._texts.shared(prefix):
            while not self._ended:
                with self._records.live.listening(self._caller, found, Demand.PAGES) as job:
                    found = job.view.found  # which all listeners share: thousands of pages weigh megabytes
                    while not self._ended and not self._retried(job.view, found):
                        if piece := await self._next(job, prefix):
                            yield piece
                        found = await self._verified(job.view)

    async def _next(self, job: LiveJob, prefix: str) -> bytes:
        """The next event or comment; empty where there is none yet."""
        view, now = job.view, self._clock.monotonic()
        if now >= self._comment_at:
            self._comment_at = now + COMMENT_S
            return COMMENT
        self._position = self._position.carried(view.record)
        if view.found.etag != self._etag:
            self._etag = view.found.etag
            return self._event(job, "status", self._etag, lambda: view.summary)
        pending = view.done & ~self._position.pages
        if pending and self._position.run == view.record.run:
            page = lowest(pending)
            piece = await self._page(job, view, prefix, page)
            if not piece:
                await self._clock.sleep(POLL_S)
            return piece
        if view.record.terminal:
            self._ended = True
            record = view.record
            done = {"job_id": record.job_id, "status": record.status, "run": record.run}
            return self._event(job, "done", record.status, lambda: orjson.dumps(done))
        await job.wait(view, self._comment_at - now)
        return b""

    async def _page(self, job: LiveJob, view: JobView, prefix: str, page: int) -> bytes:
        """The event of a page that has ended; empty while the store does not answer."""
        delivered = self._position.delivered(page)
        piece = job.pieces.made("page", delivered, page)
        if piece is None:
            try:
                told = await self._told(view, prefix, page)
            except BlobUnavailable:
                return b""
            piece = job.pieces.piece("page", delivered, page, lambda: orjson.dumps(told))
        self._position = delivered
        return piece

    async def _told(self, view: JobView, prefix: str, page: int) -> dict[str, object]:
        """What is told of a page that has ended. BlobUnavailable."""
        record = view.record.pages.get(page)
        if record is not None and record.status in (PageStatus.FAILED, PageStatus.SKIPPED):
            return {"page": page, "status": record.status, "text": None, "error": record.error}
        text = await self._text(view.record.job_id, prefix, page)
        return {"page": page, "status": PageStatus.COMPLETED, "text": text}

    async def _text(self, job_id: str, prefix: str, page: int) -> str | None:
        """None where the stored result can't be read. JobNotFound where it is gone with its job."""
        try:
            return await self._texts.text(prefix, page)
        except BlobNotFound:
            await self._records.find_stored(self._caller, job_id)
            return None
        except BlobCorrupt:
            return None

    async def _verified(self, view: JobView) -> Found:
        """What is seen, or of a job that has ended and was retried, its next run; JobNotFound where it is deleted."""
        now = self._clock.monotonic()
        if self._ended or not view.record.terminal or now < self._verify_at:
            return view.found
        self._verify_at = now + VERIFY_S
        try:
            found = await self._records.find(self._caller, view.record.job_id)
        except BlobUnavailable:
            return view.found
        return found if self._retried(view, found) else view.found

    def _retried(self, view: JobView, found: Found) -> bool:
        return view.record.terminal and found.record.run > view.record.run

    def _event(self, job: LiveJob, name: str, of: object, data: Callable[[], bytes]) -> bytes:
        return job.pieces.piece(name, self._position, of, data)
