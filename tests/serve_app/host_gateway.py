"""A gateway to a JobHost in the test's own process, and the whole HTTP side over it."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from actors.job.job_host import JobHost
from actors.job.shown import Shown
from actors.render.protocol import RenderAnswer, RenderRequest
from cluster.settings import load_settings
from serve_app.app import create_app
from serve_app.figures import Figures
from serve_app.gateway import StoredRecord
from tests.actors.job.host_world import HostWorld


@dataclass
class HostGateway:
    """host: None while none is up."""

    host: JobHost | None = None

    async def adopt(self, job_id: str) -> None:
        if self.host is not None:
            await self.host.adopt(job_id)

    async def notify(self, job_id: str) -> None:
        if self.host is not None:
            await self.host.notify(job_id)

    async def status(self, job_id: str) -> StoredRecord | None:
        return None if self.host is None else _stored(self.host.status(job_id))

    async def watch(
        self, job_id: str, etag: str, timeout_s: float, *, until_end: bool = False, ahead: int | None = None
    ) -> StoredRecord | None:
        if self.host is None:
            return None
        return _stored(await self.host.watch(job_id, etag, timeout_s, until_end=until_end, ahead=ahead))

    async def unfinished(self) -> int | None:
        return None if self.host is None else len(self.host.jobs)

    async def missing(self) -> list[str]:
        return [] if self.host is not None else ["no job host"]

    async def render_image(self, request: RenderRequest, timeout_s: float) -> RenderAnswer | None:
        return None

    async def figures(self) -> Figures:
        return Figures()


def _stored(shown: Shown | None) -> StoredRecord | None:
    return None if shown is None else StoredRecord(shown.data, shown.etag, shown.terminal, shown.ahead)


def client_of(world: HostWorld, gateway: HostGateway) -> httpx.AsyncClient:
    """A client of the HTTP side over the world's store."""
    settings = load_settings(store="memory://")
    app = create_app(store=world.store, gateway=gateway, settings=settings, clock=world.clock, version="1.2.3")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", timeout=60)
