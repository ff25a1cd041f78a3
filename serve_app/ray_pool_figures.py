"""The figures of the pools' replicas, OCRActors and Renderers: each of them is asked, through Serve."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from ray import serve
from ray.exceptions import RayError
from ray.serve.exceptions import DeploymentUnavailableError, RayServeException

from serve_app.figures import RendererFigures, ReplicaFigures
from serve_app.ray_pools import APP, RENDERER, ocr_deployment

log = logging.getLogger(__name__)


class PoolFigures:
    """engine: whose pool it is."""

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._replicas = _Replicas(ocr_deployment(engine), f"the pool of {engine}")

    async def ask(self, within_s: float) -> tuple[ReplicaFigures | None, ...] | None:
        """Of every replica that is up, None for one that failed; None for all where one did not answer in time, or they
        could not be asked."""
        told = await self._replicas.ask(within_s)
        return None if told is None else tuple(_figures(self._engine, one) if one else None for one in told)


class RendererPoolFigures:
    """Of the Renderers; answers as PoolFigures does."""

    def __init__(self) -> None:
        self._replicas = _Replicas(RENDERER, "the pool of Renderers")

    async def ask(self, within_s: float) -> tuple[RendererFigures | None, ...] | None:
        told = await self._replicas.ask(within_s)
        return None if told is None else tuple(RendererFigures(**one) if one else None for one in told)


class _Replicas:
    """Those of one deployment. called: in the log."""

    def __init__(self, deployment: str, called: str) -> None:
        self._deployment = deployment
        self._called = called
        self._handle: Any = None

    async def ask(self, within_s: float) -> tuple[dict[str, Any] | None, ...] | None:
        try:
            async with asyncio.timeout(within_s):
                if self._handle is None:
                    self._handle = serve.get_deployment_handle(self._deployment, APP, _check_exists=False)
                told = await self._handle.broadcast("info").results_async(timeout_s=within_s, return_exceptions=True)
        except DeploymentUnavailableError:
            return ()  # none is up: the pool is scaled to zero, or its only replica is being replaced
        except (TimeoutError, RayError, RayServeException) as error:
            log.warning("%s does not answer: %s", self._called, type(error).__name__)
            return None
        return tuple(one if isinstance(one, dict) else None for one in told)


def _figures(engine: str, told: dict[str, Any]) -> ReplicaFigures:
    return ReplicaFigures(
        engine=engine,
        engine_version=told["engine_version"],
        pages=told["pages"],
        batches=told["batches"],
        batch_fill=round(told["mean_fill"], 3),
        batch_pages=told["batch_pages"],
        pages_waiting=told["queue_length"],
        retiring=told["retiring"],
        memory_mb=told["memory_mb"],
    )
