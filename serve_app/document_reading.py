"""Reads one document through a running server: submit, follow, fetch the text; an interruption cancels the job."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import ClientError, GnosisError
from cluster.record import JobRecord, JobStatus
from serve_app.api_client import ApiClient, Snapshot
from serve_app.multipart_upload import MultipartUpload
from serve_app.reading_progress import ReadingProgress

LAST_WORD_S = 10.0
"""How long an interrupted reading tries to tell the server."""


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """options: as the HTTP contract names them. output: ``md`` or ``txt``."""

    path: Path
    options: Mapping[str, str]
    output: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A job that has ended. text: None where it failed or was cancelled by somebody."""

    record: JobRecord
    text: bytes | None


class DocumentReading:
    """notice: takes a line for people, such as the job's id once there is one."""

    def __init__(self, client: ApiClient, progress: ReadingProgress, notice: Callable[[str], None]) -> None:
        self._client = client
        self._progress = progress
        self._notice = notice

    async def read(self, order: ReadingOrder) -> Reading:
        """ClientError. Where the awaiting task is cancelled, so is the job."""
        snapshot = await self._submitted(order)
        job_id = snapshot.record.job_id
        self._notice(f"job {job_id}")
        try:
            record = await self._ended(snapshot)
        except asyncio.CancelledError:
            await self._cancel(job_id)
            raise
        except ClientError:
            self._notice(f"the job goes on; `gnosis-ocr status {job_id}` tells how far it is")
            raise
        if record.status in (JobStatus.FAILED, JobStatus.CANCELLED):
            return Reading(record, None)
        return Reading(record, await self._client.result(job_id, order.output))

    async def _submitted(self, order: ReadingOrder) -> Snapshot:
        upload = MultipartUpload(order.path, order.options, on_sent=self._progress.sent)
        submission = asyncio.create_task(self._client.submit(upload, str(uuid.uuid4())))
        try:
            return await asyncio.shield(submission)
        except asyncio.CancelledError:
            if upload.sent:
                await self._cancel_accepted(submission)
            submission.cancel()
            raise

    async def _cancel_accepted(self, submission: asyncio.Task[Snapshot]) -> None:
        """The whole document is out, so a job may stand although its id is not known yet."""
        try:
            async with asyncio.timeout(LAST_WORD_S):
                snapshot = await submission
        except (TimeoutError, GnosisError):
            self._notice("the server did not say whether it had accepted the document; it may be read all the same")
        else:
            await self._cancel(snapshot.record.job_id)

    async def _ended(self, snapshot: Snapshot) -> JobRecord:
        self._progress.show(snapshot.record)
        while not snapshot.record.terminal:
            snapshot = await self._client.changed(snapshot)
            self._progress.show(snapshot.record)
        return snapshot.record

    async def _cancel(self, job_id: str) -> None:
        try:
            async with asyncio.timeout(LAST_WORD_S):
                await self._client.cancel(job_id)
        except (TimeoutError, GnosisError) as error:
            reason = error.detail if isinstance(error, GnosisError) else "the server did not answer in time"
            self._notice(f"the job {job_id} was not cancelled: {reason}")
        else:
            self._notice(f"job {job_id} cancelled")
