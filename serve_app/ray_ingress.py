"""The Ingress's replica: the app in Serve's life cycle, and the hosts that it starts."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from ray import serve

from cluster.blobs.metered import MeteredBlobStore
from cluster.blobs.open import open_store
from cluster.clock import SystemClock
from cluster.errors import StartupError
from cluster.garbage import collect_garbage_seldom
from cluster.ray_metrics import metered_process
from cluster.settings import Settings
from cluster.telemetry import start_logging
from cluster.tracing import start_tracing
from serve_app.app import create_app
from serve_app.engine_settings import engine_names
from serve_app.process_memory import own_memory_mb
from serve_app.ray_gateway import RayGateway
from serve_app.ray_hosts import start_hosts
from serve_app.ray_loopback import bind_to_loopback
from serve_app.ray_pools import APP
from serve_app.ray_usage import RayUsage


def _check_name(application: str) -> None:
    """The pools are found by the application's name, so another one would wait for them for ever. StartupError."""
    if application != APP:
        raise StartupError(f"The application is called {application!r} in the Serve config; it must be {APP!r}.")


class IngressReplica:
    """deployment: its version; its hosts are started by whichever replica comes first."""

    async def __init__(self, settings: Settings, deployment: str, *pools: Any) -> None:  # type: ignore[misc]
        # The pools are arguments only so that Serve deploys them before this.
        start_logging()
        collect_garbage_seldom()
        _check_name(serve.get_replica_context().app_name)
        bind_to_loopback()
        self._settings = settings
        self._clock = SystemClock()
        start_tracing("Ingress")
        self._meter = metered_process("Ingress", self._clock, own_memory_mb)
        self._deployment = deployment
        self._hosts = start_hosts(settings, deployment)
        self._usage = None if settings.api_keys_file is None else RayUsage(settings, deployment)
        if self._usage is not None:
            await self._usage.start()

    def __serve_build_asgi_app__(self) -> Any:
        return create_app(
            store=MeteredBlobStore(open_store(self._settings.store), self._meter, self._clock),
            gateway=RayGateway(self._deployment, self._settings.job_hosts, engine_names(self._settings)),
            settings=self._settings,
            clock=self._clock,
            version=version("gnosis-ocr"),
            usage=self._usage,
            meter=self._meter,
        )
