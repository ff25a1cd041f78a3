"""Raw requests over a socket: sent as they are, whatever a server makes of them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.fuzz_inputs import RawRequest
from benchmarks.fuzz_socket import status_of


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server of one connection: its address, and what it was sent, once it has answered."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(5)
                data = b""
                while not data.endswith(b"END"):
                    piece = connection.recv(4096)
                    data += piece
                    if not piece or data.endswith(b"\r\n0\r\n\r\n"):
                        break
                received.append(data)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
        finally:
            thread.join(10)


def test_a_body_with_its_length() -> None:
    request = RawRequest("POST", b"/a%00?b", ((b"X-Odd", b"\xff"),), (b"abc", b"END"), 6)
    with answering(b"HTTP/1.1 202 Accepted\r\n\r\n") as (url, received):
        assert status_of(url, request) == 202
    head, _, body = received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /a%00?b HTTP/1.1\r\n")
    assert b"X-Odd: \xff\r\n" in head
    assert b"Content-Length: 6" in head
    assert body == b"abcEND"


def test_a_body_in_chunks() -> None:
    with answering(b"HTTP/1.1 500 x\r\n\r\n") as (url, received):
        assert status_of(url, RawRequest("POST", b"/", (), (b"abc", b""), None)) == 500
    assert received[0].endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")


@pytest.mark.parametrize("length", [None, 77])
def test_a_client_that_goes_away_in_the_middle(length: int | None) -> None:
    request = RawRequest("POST", b"/", (), (b"abc",), length, whole=False)
    with answering(b"") as (url, received):
        assert status_of(url, request) is None
    assert not received[0].endswith(b"\r\n0\r\n\r\n")
