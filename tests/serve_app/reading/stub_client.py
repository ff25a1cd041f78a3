"""A client that answers as a test has it, in place of one with a server behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, cast

from gnosis_ocr import AsyncClient, GnosisError, Job

Answer = Job | GnosisError | Callable[[], Awaitable[Job]]


def job(status: str = "queued", step: str | None = None, **told: Any) -> Job:
    return Job.read({"job_id": "job-1", "status": status, "current_step": step or status, **told})


async def never() -> Job:
    await asyncio.Event().wait()
    raise AssertionError("never set")


@dataclass
class StubClient:
    """submits: what the submissions answer, one after the other. follows: the versions of a job that is followed, which
    never ends where the last has not. asked: the calls, in order. taken: set once the last answer was asked for."""

    submits: list[Answer]
    follows: list[Job] = field(default_factory=lambda: [job("completed")])
    retries: list[Answer] = field(default_factory=list)
    cancels: list[Answer] = field(default_factory=lambda: [job("cancelled")])
    asked: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def as_client(self) -> AsyncClient:
        return cast(AsyncClient, self)

    async def submit(self, source: object, *, idempotency_key: str, on_progress: Any, **options: object) -> Job:
        self.asked.append("submit")
        self.keys.append(idempotency_key)
        on_progress(7, 7)
        if len(self.submits) == 1:
            self.taken.set()
        return await _answer(self.submits)

    async def follow(self, job_id: str) -> AsyncIterator[Job]:
        self.asked.append("follow")
        self.taken.set()
        for version in self.follows:
            yield version
        if not self.follows[-1].terminal:
            await never()

    async def wait(self, known: Job) -> Job:
        self.asked.append("wait")
        return job("cancelled")

    async def retry(self, known: Job, password: str | None = None) -> Job:
        self.asked.append(f"retry {password}")
        return await _answer(self.retries)

    async def cancel(self, known: Job) -> Job:
        self.asked.append("cancel")
        return await _answer(self.cancels)

    async def result(self, known: Job, output: str) -> bytes:
        return b"text"


async def _answer(answers: list[Answer]) -> Job:
    answer = answers.pop(0)
    if isinstance(answer, GnosisError):
        raise answer
    return answer if isinstance(answer, Job) else await answer()
