"""A request's body as it comes in: in pieces, bounded in size, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import ClientDisconnect, Request

from cluster.errors import BodyMalformed, FileTooLarge

IDLE_S = 60.0
"""A client that sends nothing for so long is given up: it holds a share of the upload budget."""


LEAST_PACE = 4096
"""Bytes a second that a client must send on average, a first IDLE_S apart: by single bytes it could hold its share of
the upload budget for days. Only waiting for the client counts, not what we do with its bytes."""


class IncomingBody:
    """content_type: the header, empty where there is none. content_length: bytes, None where not announced.

    traceparent: the header of W3C's Trace Context, empty where there is none.
    """

    def __init__(self, request: Request, *, idle_s: float = IDLE_S) -> None:
        self._request = request
        self._idle_s = idle_s
        self._waited_s = 0.0
        self.traceparent = request.headers.get("traceparent", "")
        self.content_type = request.headers.get("content-type", "")
        self.content_length = _content_length(request.headers.get("content-length"))

    @property
    def media_type(self) -> str:
        """The content type without parameters, lower case."""
        return self.content_type.partition(";")[0].strip().lower()

    async def pieces(self, limit: int, too_large: FileTooLarge) -> AsyncGenerator[bytes, None]:
        """The body; ``too_large`` is raised past ``limit`` bytes, by Content-Length before the first is read.

        BodyMalformed where the client goes away, stands still or hardly moves.
        """
        if self.content_length is not None and self.content_length > limit:
            raise too_large
        received = 0
        async with aclosing(self._request.stream()) as stream:
            while True:
                piece = await self._next(stream)
                if piece is None:
                    return
                received += len(piece)
                if received > limit:
                    raise too_large
                if self._waited_s > self._idle_s + received / LEAST_PACE:
                    raise BodyMalformed(f"The upload was slower than {LEAST_PACE >> 10} KB a second and was given up.")
                if piece:
                    yield piece

    async def _next(self, stream: AsyncGenerator[bytes, None]) -> bytes | None:
        loop = asyncio.get_running_loop()
        since = loop.time()
        try:
            async with asyncio.timeout(self._idle_s):
                return await anext(stream, None)
        except TimeoutError:
            raise BodyMalformed(f"The upload stood still for {self._idle_s:g} s and was given up.") from None
        except ClientDisconnect:
            raise BodyMalformed("The client went away before the end of the body.") from None
        finally:
            self._waited_s += loop.time() - since


def _content_length(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BodyMalformed("Content-Length is not a number of bytes.")
    return int(text)
