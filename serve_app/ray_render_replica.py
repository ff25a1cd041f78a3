"""The replica of the Renderers: a Renderer in Serve's life cycle. Settings come in as one frozen object.

Nothing else is imported here: one that takes a dead replica's place is there sooner.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import ray

from actors.render.null_renderer import NullRenderer
from actors.render.protocol import (
    ArrangeAnswer,
    ArrangeRequest,
    AssembleRequest,
    DocumentRef,
    OpenedDocument,
    RenderAnswer,
    RenderRequest,
)
from actors.render.renderer import Renderer
from actors.render.source_fetch import FetchingOpener, SourceFetcher
from cluster.blobs.metered import MeteredBlobStore
from cluster.blobs.open import open_bucket, open_store
from cluster.blobs.port import BlobStore
from cluster.clock import SystemClock
from cluster.errors import DocumentError, GnosisError
from cluster.log_context import logged_about
from cluster.origin import UNKNOWN
from cluster.ray_metrics import metered_process
from cluster.settings import Settings
from cluster.telemetry import start_logging
from cluster.tracing import start_tracing, work_traced
from serve_app.process_memory import family_memory_mb, own_memory_mb
from serve_app.ray_loopback import bind_to_loopback
from serve_app.replica_share import cores_of, fetch_pixels

A = TypeVar("A")
R = TypeVar("R")

log = logging.getLogger(__name__)

MOST_LAYOUT_PROCESSES = 8


class RendererReplica:
    async def __init__(self, settings: Settings) -> None:  # type: ignore[misc]  # Serve awaits it
        start_logging()
        bind_to_loopback()
        clock = SystemClock()
        start_tracing("Renderer")
        meter = metered_process("Renderer", clock, own_memory_mb)
        blobs = MeteredBlobStore(open_store(settings.store), meter, clock)
        self._renderer = NullRenderer(blobs) if settings.null_render else make_renderer(settings, blobs)
        fetcher = SourceFetcher(
            blobs,
            open_bucket,
            allowed=settings.source_bucket_names,
            own=settings.store_bucket,
            max_megabytes=settings.max_upload_mb,
        )
        self._opener = FetchingOpener(fetcher, self._renderer)

    async def open(self, documents: list[DocumentRef]) -> list[OpenedDocument | DocumentError | GnosisError]:
        return await each_answered(self._opened, documents)

    async def _opened(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        where = document.job_id, document.origin
        with logged_about(*where), work_traced("Renderer.open", *where):
            return await self._opener.open(document)

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        return await self._renderer.render(requests)

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        return await self._renderer.arrange(requests)

    async def assemble(self, requests: list[AssembleRequest]) -> list[dict[str, GnosisError] | GnosisError]:
        return await each_answered(self._assembled, requests)

    async def _assembled(self, request: AssembleRequest) -> dict[str, GnosisError]:
        origin = UNKNOWN if request.document is None else request.document.origin
        with logged_about(request.job_id, origin), work_traced("Renderer.assemble", request.job_id, origin):
            return await self._renderer.assemble(request)

    async def info(self) -> dict[str, Any]:
        processes, memory_mb = await asyncio.to_thread(family_memory_mb)
        return {"processes": processes, "memory_mb": round(memory_mb, 1)}

    async def check_health(self) -> None:
        await self._renderer.check_health()


async def each_answered(work: Callable[[A], Awaitable[R]], items: Sequence[A]) -> list[R | GnosisError]:
    """What ``work`` returns for each item, or the GnosisError that it raised; of another failure, one that tells it."""
    answers = await asyncio.gather(*(work(item) for item in items), return_exceptions=True)
    return [_answer(answer) for answer in answers]


def _answer(answer: R | BaseException) -> R | GnosisError:
    if not isinstance(answer, BaseException) or isinstance(answer, GnosisError):
        return answer
    if not isinstance(answer, Exception):
        raise answer
    log.error("a call failed", exc_info=answer)
    return GnosisError(f"The replica failed ({type(answer).__name__}).")


def make_renderer(settings: Settings, blobs: BlobStore) -> Renderer:
    """Layout processes take one core each: half of the cores, shared by all Renderers that there may be."""
    cores = cores_of(settings.render_cpus, settings.render_range.most)
    processes = max(1, min(MOST_LAYOUT_PROCESSES, cores // 2))
    renderer = Renderer(blobs, ray.put, fetch_pixels, SystemClock(), layout_processes=processes)
    renderer.hurry()
    return renderer
