"""Sends raw requests to a server over sockets of their own, without the care that an HTTP client takes."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urlsplit

from benchmarks.fuzz_inputs import RawRequest

ANSWERS_WITHIN_S = 90.0
"""Longer than any answer of ours may take."""

MOST_READ = 64 << 10


def status_of(url: str, request: RawRequest) -> int | None:
    """The status of the answer; None where the server closed in good order without one.

    ConnectionResetError: it closed before it had read everything, and the answer may have been lost by that.
    TimeoutError where nothing comes.
    """
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=ANSWERS_WITHIN_S) as connection:
        with suppress(ConnectionResetError, BrokenPipeError):  # it may have answered all the same
            for part in _wire(request, address.netloc):
                connection.sendall(part)
        if not request.whole:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        head = b""
        while b"\r\n" not in head and len(head) < MOST_READ:
            received = connection.recv(4096)
            if not received:
                return None
            head += received
    words = head.split(b"\r\n", 1)[0].split(b" ")
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None


def _wire(request: RawRequest, host: str) -> list[bytes]:
    headers = [(b"Host", host.encode()), (b"Connection", b"close"), *request.headers]
    if request.length is None:
        headers.append((b"Transfer-Encoding", b"chunked"))
    else:
        headers.append((b"Content-Length", str(request.length).encode()))
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    head = request.method.encode() + b" " + request.target + b" HTTP/1.1\r\n" + lines + b"\r\n"
    if request.length is not None:
        return [head, *request.body]
    chunks = [f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in request.body if piece]
    return [head, *chunks, *([b"0\r\n\r\n"] if request.whole else [])]
