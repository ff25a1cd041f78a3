"""A wire with canned answers, and clients on it that never sleep: one that waits and one that is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any

import httpx

from cluster.record import JobRecord, encode
from gnosis_ocr import AsyncClient, Client

URL = "http://ocr.example:8000/base"
Canned = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Wire:
    """The answers in order, the last one again and again; and the requests with their bodies.

    An answer may be a function of the request. now: the clock, which only sleeping moves. holds_s: how long every
    answer takes.
    """

    def __init__(self, *answers: Canned, holds_s: float = 0.0) -> None:
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self.slept: list[float] = []
        self.now = 1000.0
        self._answers = list(answers)
        self._holds_s = holds_s

    @property
    def lines(self) -> list[str]:
        """Method and path of each request."""
        return [f"{each.method} {each.url.raw_path.decode().removeprefix('/base')}" for each in self.requests]

    def client(self, **given: Any) -> Client:
        return Client(URL, transport=self.transport, sleep=self._sleep, monotonic=lambda: self.now, **given)

    def async_client(self, **given: Any) -> AsyncClient:
        return AsyncClient(URL, transport=self.transport, sleep=self._asleep, monotonic=lambda: self.now, **given)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def _asleep(self, seconds: float) -> None:
        self._sleep(seconds)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(request.content)
        self.now += self._holds_s
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else _copied(answer)


def _copied(answer: httpx.Response) -> httpx.Response:
    """An answer can be sent once, so that copies are sent of one that has a content."""
    if not hasattr(answer, "_content"):
        return answer
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


class Caller:
    """Calls a client's methods by their names, whichever of the two it is."""

    def __init__(self, kind: str) -> None:
        self._awaited = kind == "async"

    def call(self, wire: Wire, method: str, *args: Any, **kwargs: Any) -> Any:
        if not self._awaited:
            with wire.client() as client:
                return getattr(client, method)(*args, **kwargs)

        async def called() -> Any:
            async with wire.async_client() as client:
                return await getattr(client, method)(*args, **kwargs)

        return asyncio.run(called())

    def items(self, wire: Wire, method: str, *args: Any, most: int = 10_000) -> list[Any]:
        """What an iterator gives, up to ``most``."""
        taken: list[Any] = []
        if not self._awaited:
            with wire.client() as client:
                for item in getattr(client, method)(*args):
                    taken.append(item)
                    if len(taken) == most:
                        break
            return taken

        async def iterated() -> None:
            async with wire.async_client() as client, aclosing(getattr(client, method)(*args)) as items:
                async for item in items:
                    taken.append(item)
                    if len(taken) == most:
                        break

        asyncio.run(iterated())
        return taken


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body of an answer in pieces, and how it ends. closed: whether it was let go of."""

    def __init__(self, *pieces: bytes, fault: Exception | None = None) -> None:
        self._pieces = pieces
        self._fault = fault
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._fault is not None:
            raise self._fault

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.close()


def record_answer(record: JobRecord, status: int = 200) -> httpx.Response:
    return httpx.Response(status, content=encode(record), headers={"ETag": record.etag})


def problem(status: int, code: str, detail: str = "It is so.", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"code": code, "detail": detail, "request_id": "r-1"}, headers=named)


LOST = httpx.ReadError("connection reset")
SILENT = httpx.ReadTimeout("timed out")
