"""The count of usage as a Ray actor, one for all Ingress replicas of a deployment, found by its name.

It belongs to the replica that made it and ends with it, so a redeploy leaves none behind; whoever misses it makes it
anew, and it counts again from the blob store. A Ray actor takes some 60 MB, so there is one only where there are keys.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import ray
from ray.exceptions import ActorDiedError, ActorUnschedulableError, RayActorError

from cluster.blobs.open import open_store
from cluster.clock import SystemClock
from cluster.errors import RequestError
from cluster.ray_cluster import NAMESPACE
from cluster.settings import Settings
from cluster.telemetry import start_logging
from serve_app.background import Background
from serve_app.limits import Limits
from serve_app.placement import on_cpu_nodes
from serve_app.usage_count import UsageCount

CALL_S = 2.0
CALLS = 2000
log = logging.getLogger(__name__)


def usage_name(version: str) -> str:
    return f"usage-{version}"


class RayUsageCount:
    """The actor. Ray runs its constructor again after a crash, and so the counting."""

    def __init__(self, settings: Settings) -> None:
        start_logging()
        self._count = UsageCount(open_store(settings.store), SystemClock())
        self._rounds = asyncio.get_running_loop().create_task(self._count.run())

    async def admit(self, email: str, job_id: str, limits: Limits) -> RequestError | None:
        return await self._count.admit(email, job_id, limits)

    async def begun(self, email: str, job_id: str) -> None:
        await self._count.begun(email, job_id)

    async def released(self, email: str, job_id: str) -> None:
        await self._count.released(email, job_id)

    async def deleted(self, email: str, job_id: str, pages: int) -> None:
        await self._count.deleted(email, job_id, pages)


class RayUsage:
    """A Usage. Where the actor does not answer in time everybody is admitted; what was accepted meanwhile is found by
    its next round."""

    def __init__(self, settings: Settings, version: str) -> None:
        self._settings = settings
        self._version = version
        self._background = Background()
        self._actor: Any = None
        self._making = asyncio.Lock()

    async def start(self) -> None:
        """Has the actor made, so that it looks around before the first request comes."""
        await self._made()

    async def admit(self, email: str, job_id: str, limits: Limits) -> RequestError | None:
        refusal: RequestError | None = await self._call("admit", email, job_id, limits)
        return refusal

    async def begun(self, email: str, job_id: str) -> None:
        await self._call("begun", email, job_id)

    async def released(self, email: str, job_id: str) -> None:
        await self._call("released", email, job_id)

    async def deleted(self, email: str, job_id: str, pages: int) -> None:
        await self._call("deleted", email, job_id, pages)

    async def _call(self, method: str, *arguments: object) -> Any:
        return await self._background.finish(self._try(method, *arguments))

    async def _try(self, method: str, *arguments: object) -> Any:
        try:
            async with asyncio.timeout(CALL_S):
                return await getattr(await self._made(), method).remote(*arguments)
        except (ActorDiedError, ActorUnschedulableError) as error:
            self._actor = None
            log.warning("usage: the count is lost and will be made anew: %s", type(error).__name__)
        except (RayActorError, ValueError) as error:
            log.warning("usage: the count can't be reached: %s", type(error).__name__)
        except TimeoutError:
            log.warning("usage: the count did not answer %s within %.0f s", method, CALL_S)
        return None

    async def _made(self) -> Any:
        """The actor of this version, whoever made it. Its maker keeps the handle, and with it the actor."""
        async with self._making:
            if self._actor is None:
                self._actor = await asyncio.to_thread(self._make)
        return self._actor

    def _make(self) -> Any:
        return (
            ray.remote(RayUsageCount)
            .options(
                name=usage_name(self._version),
                namespace=NAMESPACE,
                get_if_exists=True,
                max_restarts=-1,
                max_concurrency=CALLS,
                num_cpus=0,
                resources=on_cpu_nodes(self._settings),
            )
            .remote(self._settings)
        )
