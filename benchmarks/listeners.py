"""Many listeners of one job's Server-Sent Events, each on its own connection, and how late events reach the last."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OPENED_WITHIN_S = 60.0


@dataclass
class Heard:
    """arrivals: for each event's data, when it reached each listener, seconds. refused: statuses other than 200."""

    arrivals: dict[bytes, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: list[int] = field(default_factory=list)
    finished: int = 0

    def lateness_ms(self, listeners: int) -> list[float]:
        """From the first listener to each other, for events that all have heard while they listened."""
        whole = [times for times in self.arrivals.values() if len(times) == listeners]
        return [1000 * (at - min(times)) for times in whole for at in times]


class Listeners:
    """Opened before the job's pages come; ``hear`` returns once all have heard the end."""

    def __init__(self, url: str, job: str, count: int) -> None:
        self._address = urlsplit(url)
        self._path = f"/api/jobs/{job}/events"
        self._count = count
        self.heard = Heard()
        self._open: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def open(self) -> None:
        """Connects them all, and reads each answer's headers."""
        async with asyncio.timeout(OPENED_WITHIN_S):
            await asyncio.gather(*(self._connect() for _ in range(self._count)))

    async def hear(self, within_s: float) -> Heard:
        """Those who have not heard the end by then are left."""
        tasks = [asyncio.create_task(self._listen(reader)) for reader, _ in self._open]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=within_s)
            for task in late:
                task.cancel()
        return self.heard

    async def leave(self) -> None:
        for _, writer in self._open:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in self._open), return_exceptions=True)

    async def _connect(self) -> None:
        host, port = self._address.hostname or "", self._address.port or 80
        reader, writer = await asyncio.open_connection(host, port)
        asked = f"GET {self._path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n"
        writer.write(asked.encode())
        status = int((await reader.readline()).split()[1])
        while (await reader.readline()).strip():
            pass
        if status == 200:
            self._open.append((reader, writer))
        else:
            self.heard.refused.append(status)
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        event = b""
        while line := await reader.readline():
            if line.startswith(b"event:"):
                event = line.removeprefix(b"event:").strip()
            elif line.startswith(b"data:") and event == b"page":
                self.heard.arrivals[line.strip()].append(time.monotonic())
            if event == b"done":
                self.heard.finished += 1
                return
