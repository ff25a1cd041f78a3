"""Reads one document through a server: its job is submitted, or found there from before, and followed to its end.

An interruption cancels the job.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cluster.record import Step
from gnosis_ocr import AsyncClient, GnosisError, Job, JobFinished, JobNotFinished, JobStatus, NothingToRetry
from serve_app.reading.order import ReadingOrder
from serve_app.reading.progress import DocumentProgress

LAST_WORD_S = 10.0
"""How long an interrupted reading tries to tell the server."""

OPEN_ENDS = (JobStatus.PARTIAL, JobStatus.FAILED, JobStatus.CANCELLED)
"""Ends that leave something to be read."""


class DocumentReading:
    """accepted: called once there is a job. notice: takes a line for people."""

    def __init__(
        self,
        client: AsyncClient,
        order: ReadingOrder,
        progress: DocumentProgress,
        *,
        accepted: Callable[[Job], None],
        notice: Callable[[str], None],
    ) -> None:
        self._client = client
        self._order = order
        self._progress = progress
        self._accepted = accepted
        self._notice = notice
        self._sent = False
        self.cancelled = False

    async def read(self, document: Path, key: str | None) -> Job:
        """The job once it has ended. key: under which it may stand on the server from before; None: it never does.

        The client's errors. Where the awaiting task is cancelled, so is the job; ``cancelled`` tells whether it was.
        """
        job = await self._submitted(document, key)
        self._accepted(job)
        try:
            if key is not None:
                job = await self._opened_again(job)
            async for version in self._client.follow(job.job_id):
                job = version
                self._progress.show(job)
        except asyncio.CancelledError:
            await self._cancel(job)
            raise
        return job

    async def _submitted(self, document: Path, key: str | None) -> Job:
        options: dict[str, Any] = {**self._order.options, "password": self._order.password}
        submission = asyncio.ensure_future(
            self._client.submit(
                document, idempotency_key=key or secrets.token_hex(16), on_progress=self._note_sent, **options
            )
        )
        try:
            return await asyncio.shield(submission)
        except asyncio.CancelledError:
            if self._sent:
                await self._cancel_accepted(submission)
            submission.cancel()
            raise

    async def _opened_again(self, job: Job) -> Job:
        """Where it has ended before, or is being cancelled from before: in its next run, which reads what is left."""
        if job.current_step == Step.CANCELLED and not job.terminal:  # so it says from its cancellation on
            job = await self._client.wait(job)
        if job.status not in OPEN_ENDS:
            return job
        try:
            return await self._client.retry(job, password=self._order.password)
        except (NothingToRetry, JobNotFinished):  # a copy of this document has had it opened again meanwhile
            return job

    def _note_sent(self, done: int, size: int) -> None:
        self._sent = done >= size
        self._progress.sent(done, size)

    async def _cancel_accepted(self, submission: asyncio.Future[Job]) -> None:
        """The whole document is out, so a job may stand although its id is not known yet."""
        try:
            async with asyncio.timeout(LAST_WORD_S):
                job = await submission
        except (TimeoutError, GnosisError):
            self._notice("the server did not say whether it had accepted the document; it may be read all the same")
        else:
            self._accepted(job)
            await self._cancel(job)

    async def _cancel(self, job: Job) -> None:
        try:
            async with asyncio.timeout(LAST_WORD_S):
                await self._client.cancel(job)
        except JobFinished:
            return
        except (TimeoutError, GnosisError) as error:
            reason = error.detail if isinstance(error, GnosisError) else "the server did not answer in time"
            self._notice(f"the job {job.job_id} was not cancelled: {reason}")
        else:
            self.cancelled = True
