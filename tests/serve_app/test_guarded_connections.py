"""Connections that hold nothing open for ever, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvicorn
import uvicorn.config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from serve_app.guarded_connections import GuardedProtocol, guard_connections

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Hasty(GuardedProtocol):
    head_s = 0.3
    stalled_s = 0.3
    most_head_bytes = 4096
    most_connections = 3


async def _hello(request: Request) -> Response:
    await request.body()
    return PlainTextResponse("hello")


async def _endless(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536
            await asyncio.sleep(0)

    return StreamingResponse(pieces())


async def _refused(request: Request) -> Response:
    return PlainTextResponse("refused", 401)


async def _waiting(request: Request) -> Response:
    await asyncio.sleep(1)
    return PlainTextResponse("hello")


@asynccontextmanager
async def serving() -> AsyncIterator[Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]]:
    app = Starlette(
        routes=[
            Route("/", _hello, methods=["GET", "POST"]),
            Route("/endless", _endless),
            Route("/refused", _refused, methods=["POST"]),
            Route("/waiting", _waiting),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=Hasty, log_config=None, lifespan="off", ws="none"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield lambda: asyncio.open_connection("127.0.0.1", port)
    finally:
        server.should_exit = server.force_exit = True
        await running


async def _until_closed(reader: asyncio.StreamReader) -> bytes:
    try:
        return await asyncio.wait_for(reader.read(), 3)
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("sent", [b"", b"GET / HT", GET[:-2], GET[:-2] + b"X-Long: ", b"\r\n"])
async def test_headers_must_end_in_time(sent: bytes) -> None:
    async with serving() as connect:
        reader, writer = await connect()
        writer.write(sent)
        assert await _until_closed(reader) == b""
        writer.close()


async def test_single_bytes_do_not_lengthen_the_time() -> None:
    async with serving() as connect:
        reader, writer = await connect()
        begun = asyncio.get_running_loop().time()
        for byte in GET[:-2] + b"X-Slow: " + b"x" * 200:
            if reader.at_eof() or writer.is_closing():
                break
            writer.write(bytes([byte]))
            await asyncio.sleep(0.02)
        assert await _until_closed(reader) == b""
        assert asyncio.get_running_loop().time() - begun < 2.5
        writer.close()


async def test_headers_must_end_within_their_size() -> None:
    async with serving() as connect:
        reader, writer = await connect()
        writer.write(GET[:-2] + b"X-Long: " + b"x" * 5000)
        assert (await _until_closed(reader)).startswith(b"HTTP/1.1 400 ")
        writer.close()


async def test_ordinary_requests_pass_one_after_the_other_and_slow_bodies_are_the_apps_own_matter() -> None:
    async with serving() as connect:
        reader, writer = await connect()
        for _ in range(3):
            writer.write(GET)
            assert b"hello" in await asyncio.wait_for(reader.readuntil(b"hello"), 3)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n")
        for byte in (b"a", b"b", b"c"):
            await asyncio.sleep(0.2)
            writer.write(byte)
        assert b"hello" in await asyncio.wait_for(reader.readuntil(b"hello"), 3)
        writer.write(GET[:10])
        assert await _until_closed(reader) == b""
        writer.close()


async def test_who_sends_a_body_that_was_refused_gets_to_read_the_refusal() -> None:
    async with serving() as connect:
        reader, writer = await connect()
        writer.write(b"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n")
        await asyncio.sleep(0.1)
        for _ in range(40):
            writer.write(b"x" * 100_000)
            await writer.drain()
        writer.write(GET)
        answers = await asyncio.wait_for(reader.readuntil(b"hello"), 3)
        assert answers.startswith(b"HTTP/1.1 401 ")
        assert b"HTTP/1.1 400" not in answers
        writer.close()


async def test_who_never_ends_a_body_that_was_refused_is_given_up() -> None:
    async with serving() as connect:
        reader, writer = await connect()
        writer.write(b"POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"x")
        assert (await _until_closed(reader)).startswith(b"HTTP/1.1 401 ")
        writer.close()


@pytest.mark.parametrize("head", [GET[:-2] + b"X-Long: " + b"x" * 5000, GET[:-2]], ids=["without bound", "slow"])
async def test_a_head_is_bounded_also_while_another_request_is_answered(head: bytes) -> None:
    async with serving() as connect:
        reader, writer = await connect()
        writer.write(GET.replace(b"/ ", b"/waiting "))
        await asyncio.sleep(0.1)
        writer.write(head)
        begun = asyncio.get_running_loop().time()
        assert await _until_closed(reader) == b"", "nothing is written into the other answer"
        assert asyncio.get_running_loop().time() - begun < 0.8
        writer.close()


async def test_an_empty_line_more_does_no_harm_to_the_answer() -> None:
    async with serving() as connect:
        reader, writer = await connect()
        writer.write(GET.replace(b"/ ", b"/waiting "))
        await asyncio.sleep(0.1)
        writer.write(b"\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"hello"), 3)).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_who_takes_no_bytes_is_given_up() -> None:
    async with serving() as connect:
        reader, writer = await connect()
        writer.write(GET.replace(b"/ ", b"/endless "))
        await asyncio.sleep(1.0)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1 << 30), 3)
        writer.close()


async def test_past_so_many_connections_further_ones_are_closed() -> None:
    async with serving() as connect:
        held = [await connect() for _ in range(3)]
        reader, writer = await connect()
        writer.write(GET)
        assert await asyncio.wait_for(_until_closed(reader), 0.25) == b""
        held[0][1].write(GET)
        assert b"hello" in await asyncio.wait_for(held[0][0].readuntil(b"hello"), 3)
        for _, each in [*held, (reader, writer)]:
            each.close()


def test_the_proxys_server_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.config, "HTTP_PROTOCOLS", dict(uvicorn.config.HTTP_PROTOCOLS))
    guard_connections()
    config = uvicorn.Config(_hello, log_config=None)
    config.load()
    assert config.http_protocol_class is GuardedProtocol
