"""The double on a socket: HTTP/1.1 with kept connections, one thread each, on the loopback interface."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.cloud_storage.control import CONTROL, answer_control
from tests.cloud_storage.double import CloudDouble
from tests.cloud_storage.exchange import Answer, Request

_PHRASES = {308: "Resume Incomplete", 499: "Client Closed Request"}
_NO_LINGER = struct.pack("ii", 1, 0)  # closing sends a reset, not an end


class CloudServer(ThreadingHTTPServer):
    """port 0: any free one. connections: how many were opened so far."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 128

    def __init__(self, cloud: CloudDouble, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.cloud = cloud
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self.connections += 1
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is the double's own mistake and must be seen."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Ends the connections and waits for their threads."""
        self.cloud.stopping.set()
        self.shutdown()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16  # head and body leave together: a client would wait for the second of two small packets
    server: CloudServer

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(target.query, keep_blank_values=True))
        request = Request(self.command, target.path, query, headers, body)
        is_control = target.path.startswith(CONTROL)
        self._send(answer_control(self.server.cloud, request) if is_control else self.server.cloud.answer(request))

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _send(self, answer: Answer) -> None:
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            self.close_connection = True
            return
        self.send_response(answer.status, _PHRASES.get(answer.status))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body[: answer.cut])
        if answer.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """The double keeps its own log."""


@contextmanager
def running_double(cloud: CloudDouble, port: int = 0) -> Iterator[CloudServer]:
    """Serves in a thread until the block ends."""
    server = CloudServer(cloud, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="cloud-double")
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()
