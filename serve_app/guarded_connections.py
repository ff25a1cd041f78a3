"""Connections to Serve's proxy that hold nothing open for ever.

uvicorn, which the proxy is made of, waits without end for the end of a request's headers, keeps headers of any size,
and waits without end for a client that takes no bytes. Its table of protocols is the one place where that can be told;
what fills it, serve_app/proxy_problems.py, runs in the proxy before it listens. The bodies of requests are the app's to
guard (incoming_body.py).
"""

from __future__ import annotations

import asyncio

import uvicorn.config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class GuardedProtocol(HttpToolsProtocol):
    """head_s: from a request's first byte, or the connection, to the end of its headers; so long, too, may the rest of
    a body take whose request is answered already. stalled_s: so long a client may take nothing of an answer.
    most_connections: of one proxy.
    """

    head_s = 30.0
    stalled_s = 120.0
    most_head_bytes = 64 << 10
    most_connections = 10_000

    _head_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = _in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        full = len(self.connections) >= self.most_connections
        super().connection_made(transport)
        if full:
            transport.abort()
        else:
            self._await_head()

    def data_received(self, data: bytes) -> None:
        if self._head_timer is None and not self._answering:
            self._await_head()
        in_body = self._in_body
        super().data_received(data)
        if self._in_head and not in_body:  # else the body's end is among the bytes
            self._head_bytes += len(data)
            if self._head_bytes > self.most_head_bytes and not self.transport.is_closing():
                self._refuse_head()

    def on_message_begin(self) -> None:
        """The client may not have waited for the answer to its last request."""
        self._in_head, self._in_body = True, False
        self._await_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body = False, True
        self._head_ended()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall_timer = self.loop.call_later(self.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        self._moving()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_ended()
        self._moving()
        super().connection_lost(exc)

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse_head(self) -> None:
        if self._answering:
            self.transport.close()
        else:
            self.send_400_response("The headers are too large.")
        self._head_ended()

    def _await_head(self) -> None:
        self._head_ended()
        self._head_bytes = 0
        self._head_timer = self.loop.call_later(self.head_s, self.transport.close)

    def _head_ended(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _moving(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None


def guard_connections() -> None:
    """From now on the servers that this process starts have guarded connections."""
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{GuardedProtocol.__name__}"
