"""Events as a response: each is made when the one before it was taken, and none once the client has gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

HEADERS = {"Cache-Control": "private, no-cache, no-transform", "X-Accel-Buffering": "no"}
"""No proxy shall keep events back, neither to store nor to compress them."""


class EventResponse(Response):
    """events: the pieces of the body; None for the headers alone."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None] | None) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]  # not known
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._events is None:
            await super().__call__(scope, receive, send)
            return
        sending = asyncio.ensure_future(self._send(self._events, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone = not sending.done()
            sending.cancel()
            leaving.cancel()
            await asyncio.wait({sending, leaving})
            await self._events.aclose()
        if not gone:
            sending.result()

    async def _send(self, events: AsyncGenerator[bytes, None], send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in events:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
