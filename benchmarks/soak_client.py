"""A client that counts its answers and is surprised by any that it did not expect."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from benchmarks.running_cluster import TERMINAL

Record = dict[str, Any]

OPEN_AT_ONCE = 300
ENDED_WITHIN_S = 120.0


class Surprise(Exception):
    """An answer, or a job, that is not as it should be."""


@dataclass
class Tally:
    """answers: by what was asked and how it was answered. surprises: the first of them, in words."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)

    def count(self, what: str, answer: httpx.Response) -> None:
        """Surprise: a server error, unless it is ``overloaded`` and says when to come again."""
        self.answers[what, str(answer.status_code)] += 1
        if answer.status_code < 500 or is_overloaded(answer):
            return
        raise Surprise(f"{what}: {answer.status_code} {answer.text[:300]}")


def is_overloaded(answer: httpx.Response) -> bool:
    return answer.status_code == 503 and "retry-after" in answer.headers and '"overloaded"' in answer.text


class SoakClient:
    """Requests name what they are for, and the statuses that are right; who is told to come again does."""

    def __init__(self, url: str, tally: Tally) -> None:
        self.tally = tally
        limits = httpx.Limits(max_connections=OPEN_AT_ONCE, keepalive_expiry=10)
        self._http = httpx.AsyncClient(base_url=url, timeout=120, trust_env=False, limits=limits)

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(self, what: str, method: str, path: str, *right: int, **request: Any) -> httpx.Response:
        """Surprise: another status."""
        while True:
            answer = await self._http.request(method, path, **request)
            self.tally.count(what, answer)
            if not is_overloaded(answer) or 503 in right:
                break
            await asyncio.sleep(float(answer.headers["retry-after"]))
        if answer.status_code not in right:
            raise Surprise(f"{what}: {answer.status_code}, not one of {right}: {answer.text[:300]}")
        return answer

    @asynccontextmanager
    async def events(self, job: str, last_id: str = "") -> AsyncIterator[AsyncIterator[tuple[str, str, str]]]:
        """Each event's name, id and data."""
        headers = {"Last-Event-ID": last_id} if last_id else {}
        async with self._http.stream("GET", f"/api/jobs/{job}/events", headers=headers) as answer:
            if answer.status_code != 200:
                await answer.aread()
            self.tally.count("events", answer)
            if answer.status_code != 200:
                raise Surprise(f"events: {answer.status_code}: {answer.text[:300]}")
            yield _events(answer.aiter_lines())

    async def ended(self, job: str, what: str = "status", within_s: float = ENDED_WITHIN_S) -> Record:
        """The record at the end, which is polled for with ETag and wait."""
        etag, until = "", time.monotonic() + within_s
        while time.monotonic() < until:
            headers, params = ({"If-None-Match": etag}, {"wait": "10"}) if etag else ({}, {})
            answer = await self.ask(what, "GET", f"/api/jobs/{job}/status", 200, 304, headers=headers, params=params)
            if answer.status_code == 304:
                continue
            record: Record = answer.json()
            if record["status"] in TERMINAL:
                return record
            etag = answer.headers["etag"]
        raise Surprise(f"job {job} did not end within {within_s:.0f} s")


async def _events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str, str]]:
    fields: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], fields.get("id", ""), fields.get("data", "")
            fields = {}
