"""A sitting: many documents read through one server, a few at a time, each by itself: what fails in one stops no other.

What concerns all of them (no server answers, the folder can't be written) ends the sitting; what had not begun is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from cluster.clock import Clock, SystemClock
from cluster.errors import GnosisError as OwnError
from gnosis_ocr import (
    AsyncClient,
    ErrorInfo,
    GnosisError,
    Job,
    OptionInvalid,
    Overloaded,
    QuotaExceeded,
    RateLimited,
    ServerUnreachable,
    TooManyJobs,
    Unauthorized,
)
from serve_app.client_calls import fault_code
from serve_app.reading.document_reading import DocumentReading
from serve_app.reading.order import ReadingOrder
from serve_app.reading.outcome import Ending, Outcome
from serve_app.reading.progress import DocumentProgress, ReadingProgress
from serve_app.reading.report import Report
from serve_app.reading.shelf import Shelf, Spot

OF_ALL = (OptionInvalid, Unauthorized, QuotaExceeded)
"""Refusals that every document of the sitting would meet."""

PATIENCE_S = 5.0
"""Between two attempts at a job for which the server has no place, where it does not say how long."""


class Sitting:
    """at_once: most jobs that this sitting has on the server. report: is told of each document that is done with.

    cancelled: jobs that an interruption has cancelled. broken: what ended the sitting for all documents.
    """

    def __init__(
        self,
        client: AsyncClient,
        order: ReadingOrder,
        shelf: Shelf,
        progress: ReadingProgress,
        *,
        at_once: int,
        report: Report,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._order = order
        self._shelf = shelf
        self._progress = progress
        self._at_once = at_once
        self._report = report
        self._clock = clock or SystemClock()
        self._going = 0
        self.cancelled = 0
        self.broken: GnosisError | OwnError | None = None

    async def read(self, documents: Sequence[Path]) -> None:
        """Where the awaiting task is cancelled, so are this sitting's jobs; ends by CancelledError then."""
        waiting = iter(enumerate(documents))
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self._at_once, len(documents))):
                tasks.create_task(self._work(waiting))

    async def _work(self, waiting: Iterator[tuple[int, Path]]) -> None:
        for number, document in waiting:
            if self.broken is not None:
                return
            bar = self._progress.begin(str(document))
            outcome: Outcome | None = None
            try:
                outcome = await self._read(document, bar)
            except (ServerUnreachable, *OF_ALL, OwnError) as error:
                self.broken = self.broken or error
            finally:
                bar.end(outcome.job.pages_completed if outcome is not None and outcome.job is not None else 0)
            if outcome is not None:
                self._report.ended(number, outcome)

    async def _read(self, document: Path, bar: DocumentProgress) -> Outcome:
        spot = Spot(document)
        try:
            spot = await self._shelf.spot(document)
            if spot.kept is not None:
                return spot.kept
            job = await self._job(spot, bar)
            return await self._shelf.put(self._client, spot, job)
        except (ServerUnreachable, *OF_ALL):
            raise
        except GnosisError as error:
            return self._failed(spot, fault_code(error), error.detail)
        except OSError as error:
            return self._failed(spot, "file_unusable", f"{error.filename or document}: {error.strerror or error}.")

    async def _job(self, spot: Spot, bar: DocumentProgress) -> Job:
        """The spot's job once it has ended. While others of this sitting go on, a refusal for want of a place is waited
        out: they make place."""
        while True:
            reading = DocumentReading(
                self._client,
                self._order,
                bar,
                accepted=lambda job: self._accepted(spot, job),
                notice=self._report.say,
            )
            self._going += 1
            try:
                return await reading.read(spot.document, spot.key)
            except (TooManyJobs, RateLimited, Overloaded) as refused:
                if self._going == 1:
                    raise
                pause = refused.retry_after or PATIENCE_S
            finally:
                self._going -= 1
                self.cancelled += reading.cancelled
            await self._clock.sleep(pause)

    def _accepted(self, spot: Spot, job: Job) -> None:
        self._shelf.accepted(spot, job)
        self._report.accepted(job)

    def _failed(self, spot: Spot, code: str, message: str) -> Outcome:
        if spot.entry is not None:
            self._shelf.failed(spot)
        return Outcome(str(spot.document), Ending.FAILED, error=ErrorInfo(code, message))
