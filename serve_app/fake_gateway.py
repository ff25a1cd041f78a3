"""A gateway without hosts: a test (or a tool without a cluster) shows it records and sees what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from actors.render.protocol import RenderAnswer, RenderRequest
from cluster.clock import Clock
from cluster.record import JobRecord, encode
from serve_app.figures import Figures
from serve_app.gateway import StoredRecord

Hook = Callable[[str], Awaitable[None]]


RenderHook = Callable[[RenderRequest], Awaitable[RenderAnswer | None]]


async def _nothing(job_id: str) -> None:
    return None


async def _no_renderer(request: RenderRequest) -> None:
    return None


class FakeGateway:
    """adopted, notified: the job ids it was told, in order. on_adopt, on_notify: what a host would do about it.

    watched: the calls of ``watch``; watching: how many of them go on. unreachable: while True it answers as if no host
    could be reached. lines: what ``missing`` answers. backlog: what ``unfinished`` answers. told: what
    ``figures`` answers. rendered: the pages it was asked to draw; on_render: what a Renderer would do about them, by
    default nothing, as if there were none.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: dict[str, StoredRecord] = {}
        self._changed = asyncio.Event()
        self.adopted: list[str] = []
        self.notified: list[str] = []
        self.watched: list[tuple[str, str, float]] = []
        self.watching = 0
        self.lines: list[str] = []
        self.backlog = 0
        self.told = Figures()
        self.unreachable = False
        self.on_adopt: Hook = _nothing
        self.on_notify: Hook = _nothing
        self.rendered: list[RenderRequest] = []
        self.on_render: RenderHook = _no_renderer

    def show(self, record: JobRecord, ahead: tuple[int, ...] = ()) -> None:
        """From now on the host has this record, and these pages' results; who watches it is woken."""
        self._records[record.job_id] = StoredRecord(encode(record), record.etag, record.terminal, ahead)
        self._wake()

    def forget(self, job_id: str) -> None:
        """From now on no host has the job."""
        self._records.pop(job_id, None)
        self._wake()

    async def adopt(self, job_id: str) -> None:
        self.adopted.append(job_id)
        await self.on_adopt(job_id)

    async def notify(self, job_id: str) -> None:
        self.notified.append(job_id)
        await self.on_notify(job_id)

    async def status(self, job_id: str) -> StoredRecord | None:
        await asyncio.sleep(0)
        return self._held(job_id)

    async def watch(
        self, job_id: str, etag: str, timeout_s: float, *, until_end: bool = False, ahead: int | None = None
    ) -> StoredRecord | None:
        self.watched.append((job_id, etag, timeout_s))
        self.watching += 1
        timeout = asyncio.ensure_future(self._clock.sleep(timeout_s))
        try:
            while not timeout.done():
                await asyncio.sleep(0)
                held = self._held(job_id)
                if held is None or (held.etag != etag and (held.terminal or not until_end)):
                    return held
                if ahead is not None and len(held.ahead) > ahead:
                    return _told(held, etag)
                changed = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait({timeout, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
            return _told(self._held(job_id), etag)
        finally:
            self.watching -= 1
            timeout.cancel()

    async def unfinished(self) -> int | None:
        await asyncio.sleep(0)
        return None if self.unreachable else self.backlog

    async def missing(self) -> list[str]:
        return list(self.lines)

    async def figures(self) -> Figures:
        return self.told

    async def render_image(self, request: RenderRequest, timeout_s: float) -> RenderAnswer | None:
        self.rendered.append(request)
        return await self.on_render(request)

    def _held(self, job_id: str) -> StoredRecord | None:
        return None if self.unreachable else self._records.get(job_id)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _told(held: StoredRecord | None, etag: str) -> StoredRecord | None:
    """Without the data where they are known already, as hosts do it."""
    return replace(held, data=b"") if held is not None and held.etag == etag else held
