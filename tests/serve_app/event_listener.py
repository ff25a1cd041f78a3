"""A client of an event stream, over the app itself: it takes one piece after the other, and may go at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: dict[str, Any]


class Listener:
    """Sends of the app wait until what was sent has been taken: a reader as slow as the test. status: of the answer."""

    def __init__(self, app: ASGIApp, job_id: str, last_id: str | None = None, method: str = "GET") -> None:
        headers = [] if last_id is None else [(b"last-event-id", last_id.encode())]
        path = f"/api/jobs/{job_id}/events"
        self._scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "scheme": "http",
            "root_path": "",
            "headers": headers,
            "client": ("test", 1),
            "server": ("test", 80),
        }
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.taken = 0
        self.id = last_id
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(1)
        self._gone = asyncio.Event()
        self.task: asyncio.Task[None] = asyncio.ensure_future(_called(app, self._scope, self._receive, self._send))

    async def piece(self) -> bytes | None:
        """The next piece of the body; None at its end."""
        async with asyncio.timeout(10):
            while True:
                piece = await self._pieces.get()
                self._room.release()
                if piece != b"":
                    self.taken += piece is not None
                    return piece

    async def event(self) -> Event | None:
        """The next event, comments left out; None at the end of the stream."""
        while (piece := await self.piece()) is not None:
            assert piece.endswith(b"\n\n")
            if not piece.startswith(b":"):
                fields = dict(line.split(": ", 1) for line in piece.decode().strip().split("\n"))
                event = Event(fields["event"], fields["id"], orjson.loads(fields["data"]))
                self.id = event.id
                return event
        return None

    async def page(self) -> Event:
        """The next event of a page."""
        while (event := await self.event()) is not None:
            if event.name == "page":
                return event
        raise AssertionError("the stream has ended")

    async def rest(self) -> list[Event]:
        """All events to the end of the stream."""
        events = []
        while (event := await self.event()) is not None:
            events.append(event)
        return events

    async def leave(self) -> None:
        """The client goes away."""
        self._gone.set()
        await asyncio.wait_for(self.task, 10)

    async def body(self) -> dict[str, Any]:
        """The whole answer where it is none of events."""
        content = b""
        while (piece := await self.piece()) is not None:
            content += piece
        body: dict[str, Any] = orjson.loads(content)
        return body

    async def _receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        await self._room.acquire()
        self._pieces.put_nowait(message.get("body", b""))
        if not message.get("more_body", False):
            self._pieces.put_nowait(None)


async def _called(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)
