"""The gateway to the hosts over Ray. Every call runs in a context of its own: no disconnect cascades into a host."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import ray
from ray.exceptions import RayActorError

from actors.job.ports import ReplicaLost
from actors.job.shown import Shown
from actors.render.protocol import RenderAnswer, RenderRequest
from cluster.ids import slot_of
from cluster.ray_cluster import NAMESPACE
from serve_app.background import Background
from serve_app.figures import Figures, HostFigures
from serve_app.gateway import StoredRecord
from serve_app.host_names import host_name
from serve_app.ray_hosts import host_of_slot
from serve_app.ray_pool_figures import PoolFigures, RendererPoolFigures
from serve_app.ray_pools import RayRenderPool

log = logging.getLogger(__name__)

CALL_S = 5.0
FIGURES_S = 2.0


class RayGateway:
    """hosts: how many there are of this deployment's version. engines: those that there are pools of."""

    def __init__(self, version: str, hosts: int, engines: Sequence[str]) -> None:
        self._pools = {engine: PoolFigures(engine) for engine in engines}
        self._renders = RayRenderPool()
        self._renderers = RendererPoolFigures()
        self._version = version
        self._hosts = hosts
        self._handles: dict[int, Any] = {}
        self._background = Background()

    async def adopt(self, job_id: str) -> None:
        await self._tell(job_id, "adopt", CALL_S, job_id)

    async def notify(self, job_id: str) -> None:
        await self._tell(job_id, "notify", CALL_S, job_id)

    async def status(self, job_id: str) -> StoredRecord | None:
        return _stored(await self._tell(job_id, "status", CALL_S, job_id))

    async def watch(
        self, job_id: str, etag: str, timeout_s: float, *, until_end: bool = False, ahead: int | None = None
    ) -> StoredRecord | None:
        return _stored(await self._tell(job_id, "watch", timeout_s + CALL_S, job_id, etag, timeout_s, until_end, ahead))

    async def unfinished(self) -> int | None:
        told = [answer for answer in await self._infos(CALL_S) if answer is not None]
        return sum(answer["jobs"] + answer["jobs_waiting"] for answer in told) if told else None

    async def missing(self) -> list[str]:
        """Hosts that don't answer. Pools need no look: Serve lets the app run only once each has its replicas."""
        return [f"job host {n} does not answer" for n, answer in enumerate(await self._infos(CALL_S)) if answer is None]

    async def figures(self) -> Figures:
        """Everybody is asked at once, and nobody for longer than FIGURES_S."""
        hosts, renderers, pools = await asyncio.gather(
            self._infos(FIGURES_S),
            self._background.finish(self._renderers.ask(FIGURES_S)),
            asyncio.gather(*(self._background.finish(pool.ask(FIGURES_S)) for pool in self._pools.values())),
        )
        silent = [f"job host {n} does not answer" for n, told in enumerate(hosts) if told is None]
        asked = [
            *((f"the pool of {engine}", told) for engine, told in zip(self._pools, pools, strict=True)),
            ("the pool of Renderers", renderers),
        ]
        mute = [f"{pool} does not answer" for pool, told in asked if told is None]
        failing = [f"a replica of {pool} fails" for pool, told in asked if told and None in told]
        return Figures(
            hosts=tuple(_host_figures(n, told) for n, told in enumerate(hosts) if told is not None),
            replicas=tuple(replica for told in pools for replica in told or () if replica is not None),
            renderers=tuple(renderer for renderer in renderers or () if renderer is not None),
            missing=(*silent, *mute, *failing),
        )

    async def render_image(self, request: RenderRequest, timeout_s: float) -> RenderAnswer | None:
        return await self._background.finish(self._render(request, timeout_s))

    async def _render(self, request: RenderRequest, timeout_s: float) -> RenderAnswer | None:
        try:
            async with asyncio.timeout(timeout_s):
                (answer,) = await self._renders.render([request])
                return answer
        except (ReplicaLost, TimeoutError) as error:
            log.warning("page %d of %s was not drawn: %s", request.page, request.document.job_id, type(error).__name__)
        return None

    async def _infos(self, timeout_s: float) -> list[dict[str, Any] | None]:
        return list(await asyncio.gather(*(self._call(n, "info", timeout_s) for n in range(self._hosts))))

    async def _tell(self, job_id: str, method: str, timeout_s: float, *arguments: object) -> Any:
        return await self._call(host_of_slot(slot_of(job_id), self._hosts), method, timeout_s, *arguments)

    async def _call(self, number: int, method: str, timeout_s: float, *arguments: object) -> Any:
        """The host's answer, or None where it can't be reached in time."""
        return await self._background.finish(self._try(number, method, timeout_s, *arguments))

    async def _try(self, number: int, method: str, timeout_s: float, *arguments: object) -> Any:
        try:
            async with asyncio.timeout(timeout_s):
                handle = await self._handle(number)
                return await getattr(handle, method).remote(*arguments)
        except (RayActorError, ValueError) as error:
            self._handles.pop(number, None)
            log.warning("host %d can't be reached: %s", number, type(error).__name__)
        except TimeoutError:
            log.warning("host %d did not answer %s within %.0f s", number, method, timeout_s)
        return None

    async def _handle(self, number: int) -> Any:
        if number not in self._handles:
            name = host_name(self._version, number)
            self._handles[number] = await asyncio.to_thread(ray.get_actor, name, NAMESPACE)
        return self._handles[number]


def _stored(shown: Shown | None) -> StoredRecord | None:
    return None if shown is None else StoredRecord(shown.data, shown.etag, shown.terminal, shown.ahead)


def _host_figures(number: int, told: dict[str, Any]) -> HostFigures:
    """Of what the host tells, that which is shown."""
    known = {name: told[name] for name in HostFigures.__slots__ if name in told}
    return HostFigures(host=number, **known)
