"""The client for programs with an event loop: what ``Client`` does, awaited."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar, Unpack

import httpx

from gnosis_ocr import jobs, page_stream, reading, results, submission
from gnosis_ocr.async_wire import AsyncWire
from gnosis_ocr.bodies import OnProgress
from gnosis_ocr.connection import connection
from gnosis_ocr.errors import GnosisError
from gnosis_ocr.jobs import JobRef
from gnosis_ocr.records import Job, PageText, ServerInfo
from gnosis_ocr.results import TextFormat
from gnosis_ocr.sources import SourceLike
from gnosis_ocr.steps import Course, Plan, Tell
from gnosis_ocr.submission import JobOptions

T = TypeVar("T")


class AsyncClient:
    """A connection to one server; a context manager. Every call may raise ServerUnreachable and RequestRefused.

    Requests are tried again for a few seconds where no answer came or the server asks for patience. One client may be
    used by several tasks of one event loop.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        api_key: str | None = None,
        timeout: float = 90.0,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """url: by default GNOSIS_URL, else http://127.0.0.1:8000. api_key: by default GNOSIS_API_KEY.

        timeout: seconds for which a connection may be silent. transport: httpx's own, for tests and special networks.
        AddressInvalid; Unauthorized where the key has characters that can't be sent.
        """
        made = connection(url, api_key, timeout)
        self.url = made.url
        self._connection = made
        self._http = httpx.AsyncClient(**made.arguments, transport=transport)
        self._sleep = sleep
        self._monotonic = monotonic

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Lets go of all connections."""
        await self._http.aclose()

    async def alive(self) -> bool:
        """Whether a server answers at all."""
        return await self._carried_out(jobs.alive())

    async def info(self) -> ServerInfo:
        """Version, engines, limits, formats."""
        return await self._carried_out(jobs.server_info())

    async def metrics(self) -> Mapping[str, Any]:
        """Queue, pages a minute, batch fill, failures: as ``/api/metrics/summary`` tells them."""
        return await self._carried_out(jobs.metrics())

    async def submit(
        self,
        source: SourceLike,
        *,
        filename: str | None = None,
        idempotency_key: str | None = None,
        on_progress: OnProgress | None = None,
        **options: Unpack[JobOptions],
    ) -> Job:
        """Returns once the job is durably accepted. SourceUnreadable, FileRefused, OptionInvalid, LimitReached.

        source: a path, bytes, a file opened in binary mode, or a ``gs://`` address. idempotency_key: up to 200
        characters; a second submission with the same one, document and options gives the same job. By default a new
        one is made, which holds over this call's own attempts. on_progress: told of bytes sent, and of all.
        """
        key = idempotency_key or str(uuid.uuid4())
        return await self._carried_out(submission.submitted(source, filename, options, key, on_progress))

    async def read(
        self,
        source: SourceLike,
        *,
        format: TextFormat = "md",  # noqa: A002 - as the HTTP contract calls it
        filename: str | None = None,
        idempotency_key: str | None = None,
        on_progress: OnProgress | None = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """The document's text: submitted, waited for, fetched. As ``submit``, and JobFailed, JobCancelled.

        Of a job that ends ``partial`` what was read is returned; ``submit`` and ``wait`` tell which pages failed.
        """
        key = idempotency_key or str(uuid.uuid4())
        return await self._carried_out(reading.read(source, filename, options, key, on_progress, format))

    async def job(self, job_id: str) -> Job:
        """JobNotFound."""
        return await self._carried_out(jobs.status(job_id))

    async def status(self, job: JobRef) -> Job:
        """The job as it is now. JobNotFound."""
        return await self._carried_out(jobs.status(job))

    def jobs(self, status: str | None = None, session_id: str | None = None) -> AsyncGenerator[Job, None]:
        """The caller's jobs, newest first, without their pages; asked for as they are taken. OptionInvalid."""
        return self._told(Course(jobs.listed(status, session_id)))

    def follow(self, job: JobRef) -> AsyncGenerator[Job, None]:
        """The job as it is now, and each version that differs, up to the terminal one."""
        return self._told(Course(jobs.followed(job)))

    async def wait(self, job: JobRef, timeout: float | None = None) -> Job:  # noqa: ASYNC109 - as Client has it
        """The job once it has ended. timeout: seconds; WaitTimeout past them."""
        return await self._carried_out(jobs.waited(job, timeout))

    def pages(self, job: JobRef) -> AsyncGenerator[PageText, None]:
        """The job's pages as they end, each once, those that have ended already first; the last when the job ends."""
        return self._told(Course(page_stream.streamed_pages(job)))

    async def text(self, job: JobRef, page: int) -> str:
        """A page's text. PageNotFound, PageNotReady, PageFailed."""
        return await self._carried_out(results.page_text(job, page))

    async def image(self, job: JobRef, page: int) -> bytes:
        """A page's image, PNG. PageNotFound, PageNotReady, PageFailed."""
        return await self._carried_out(results.page_image(job, page))

    async def result(self, job: JobRef, format: str = "md") -> bytes:  # noqa: A002
        """``md``, ``txt``, ``json``, ``pdf``, ``hocr``, ``alto`` or ``zip``. ResultNotReady, ResultUnavailable,
        FormatNotAvailable."""
        return await self._carried_out(results.result(job, format))

    async def result_text(self, job: JobRef, format: TextFormat = "md") -> str:  # noqa: A002
        """As ``result``, as text."""
        return await self._carried_out(results.result_text(job, format))

    async def download(self, job: JobRef, format: str, path: str | os.PathLike[str]) -> Path:  # noqa: A002
        """As ``result``, written to a file, with little memory; the file is there when it is whole. OSError."""
        return await self._carried_out(results.downloaded(job, format, Path(path)))

    async def cancel(self, job: JobRef) -> Job:
        """Stops the job: the job once that is stored. What was read stays. JobFinished."""
        return await self._carried_out(jobs.cancelled(job))

    async def retry(self, job: JobRef, password: str | None = None) -> Job:
        """Has read what failed or was skipped: the job in its next run. JobNotFinished, NothingToRetry."""
        return await self._carried_out(jobs.retried(job, password))

    async def delete(self, job: JobRef) -> None:
        """Removes the job and all that is stored of it, for good; returns once that is durable. JobNotFound."""
        return await self._carried_out(jobs.deleted(job))

    async def _carried_out(self, plan: Plan[T]) -> T:
        course = Course(plan)
        async for _ in self._told(course):
            pass
        return course.result

    async def _told(self, course: Course[Any]) -> AsyncGenerator[Any, None]:
        """Does what the plan's steps say, and gives on what it tells."""
        with course:
            async with AsyncWire(self._http, self._connection, self._sleep, self._monotonic) as wire:
                while (step := course.step) is not None:
                    if isinstance(step, Tell):
                        yield step.item
                        course.go_on(None)
                        continue
                    try:
                        outcome = await wire.do(step)
                    except GnosisError as fault:
                        course.fail(fault)
                    else:
                        course.go_on(outcome)
