"""Steps done one after the other, blocking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

import httpx

from gnosis_ocr.connection import Connection
from gnosis_ocr.steps import Answer, Ask, Body, Deed, Look, Open, Pause, Read, Request, Work


class Wire:
    """What one plan has open: at most one answer that comes in pieces. A context manager."""

    def __init__(
        self,
        http: httpx.Client,
        connection: Connection,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._http = http
        self._connection = connection
        self._sleep = sleep
        self._monotonic = monotonic
        self._answer: httpx.Response | None = None
        self._pieces: Iterator[bytes] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._shut()

    def do(self, step: Deed) -> Any:
        """What came of it. ServerUnreachable, SourceUnreadable."""
        match step:
            case Ask(request):
                return self._opened(request, whole=True)
            case Open(request):
                return self._opened(request, whole=False)
            case Read():
                return self._read()
            case Pause(seconds):
                return self._sleep(seconds)
            case Look():
                return self._monotonic()
            case Work(call):
                return call()
        return self._shut()

    def _opened(self, request: Request, *, whole: bool) -> Answer:
        self._shut()
        try:
            sent = self._http.build_request(**self._connection.sent(request), **_body(request.body))
            self._answer = self._http.send(sent, stream=True)
            whole = whole or not self._answer.is_success
            content = self._answer.read() if whole else b""
        except httpx.HTTPError as error:
            self._shut()
            raise self._connection.fault(error) from error
        answer = Answer(self._answer.status_code, self._answer.headers, content, str(self._answer.url))
        if whole:
            self._shut()
        else:
            self._pieces = self._answer.iter_bytes()
        return answer

    def _read(self) -> bytes:
        try:
            return next(self._pieces, b"")
        except httpx.HTTPError as error:
            raise self._connection.fault(error) from error

    def _shut(self) -> None:
        if self._answer is not None:
            self._answer.close()
        self._answer, self._pieces = None, iter(())


def _body(body: bytes | Body) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"content": body} if body else {}
    return {"content": _pieces(body)}


def _pieces(body: Body) -> Iterator[bytes]:
    sent = 0
    for piece in body.pieces():
        yield piece
        sent += len(piece)
        body.note(sent)
