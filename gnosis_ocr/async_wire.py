"""Steps done one after the other, in an event loop; files are read and written in threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Self

import httpx

from gnosis_ocr.connection import Connection
from gnosis_ocr.steps import Answer, Ask, Body, Deed, Look, Open, Pause, Read, Request, Work


class AsyncWire:
    """What one plan has open: at most one answer that comes in pieces. An async context manager."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        connection: Connection,
        sleep: Callable[[float], Awaitable[None]],
        monotonic: Callable[[], float],
    ) -> None:
        self._http = http
        self._connection = connection
        self._sleep = sleep
        self._monotonic = monotonic
        self._answer: httpx.Response | None = None
        self._pieces: AsyncIterator[bytes] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._shut()

    async def do(self, step: Deed) -> Any:
        """What came of it. ServerUnreachable, SourceUnreadable."""
        match step:
            case Ask(request):
                return await self._opened(request, whole=True)
            case Open(request):
                return await self._opened(request, whole=False)
            case Read():
                return await self._read()
            case Pause(seconds):
                return await self._sleep(seconds)
            case Look():
                return self._monotonic()
            case Work(call):
                return await asyncio.to_thread(call)
        return await self._shut()

    async def _opened(self, request: Request, *, whole: bool) -> Answer:
        await self._shut()
        try:
            sent = self._http.build_request(**self._connection.sent(request), **_body(request.body))
            self._answer = await self._http.send(sent, stream=True)
            whole = whole or not self._answer.is_success
            content = await self._answer.aread() if whole else b""
        except httpx.HTTPError as error:
            await self._shut()
            raise self._connection.fault(error) from error
        answer = Answer(self._answer.status_code, self._answer.headers, content, str(self._answer.url))
        if whole:
            await self._shut()
        else:
            self._pieces = self._answer.aiter_bytes()
        return answer

    async def _read(self) -> bytes:
        try:
            return b"" if self._pieces is None else await anext(self._pieces, b"")
        except httpx.HTTPError as error:
            raise self._connection.fault(error) from error

    async def _shut(self) -> None:
        if self._answer is not None:
            await self._answer.aclose()
        self._answer, self._pieces = None, None


def _body(body: bytes | Body) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"content": body} if body else {}
    return {"content": _pieces(body)}


async def _pieces(body: Body) -> AsyncIterator[bytes]:
    sent = 0
    pieces = body.pieces()
    while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
        yield piece
        sent += len(piece)
        body.note(sent)
