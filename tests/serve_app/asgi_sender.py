"""Sends raw requests to an app in this process, as a server would that checks nothing by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from benchmarks.fuzz_inputs import RawRequest


@dataclass
class RawAnswer:
    """status: None where the app answered nothing, for the client had gone."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def send_raw(app: ASGIApp, request: RawRequest) -> RawAnswer:
    """What the app raises comes through: to a client it would be a cut connection."""
    answer = RawAnswer()
    messages = [_piece(piece, True) for piece in request.body]
    messages.append(_piece(b"", False) if request.whole else {"type": "http.disconnect"})

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await app(_scope(request), receive, send)
    return answer


def _piece(body: bytes, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def _scope(request: RawRequest) -> dict[str, Any]:
    path, _, query = request.target.partition(b"?")
    length = [] if request.length is None else [(b"content-length", str(request.length).encode())]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": [(b"host", b"test"), *((name.lower(), value) for name, value in request.headers), *length],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
