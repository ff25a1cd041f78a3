"""A proxy on a socket of this machine that cuts connections after so many bytes of a request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CuttingProxy:
    """cuts: after how many bytes from the client the next connection that sends so many is cut, one after the other."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self._upstream = port
        self.cuts = cuts
        self.port = 0
        self._ready = threading.Event()
        self._stop: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    async def _serve(self) -> None:
        stop = asyncio.Event()
        self._stop = asyncio.get_running_loop(), stop
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await stop.wait()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        back = asyncio.ensure_future(_copy(upstream_reader, writer))
        sent = 0
        with suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                sent += len(data)
                upstream_writer.write(data)
                await upstream_writer.drain()
                if self.cuts and sent > self.cuts[0]:
                    self.cuts.pop(0)
                    break
        for each in (upstream_writer, writer):
            each.close()
        back.cancel()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Its URL, for the block's time."""
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        thread.start()
        assert self._ready.wait(10)
        assert self._stop is not None
        loop, stop = self._stop
        try:
            yield f"http://127.0.0.1:{self.port}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
