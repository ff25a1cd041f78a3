"""The replica of an OCR pool: an OCRActor in Serve's life cycle. Settings come in as one frozen object.

Nothing else is imported here: one that takes a dead replica's place is there sooner.
"""

from __future__ import annotations

from typing import Any

from actors.ocr.engines import engine_spec, make_engine
from actors.ocr.ocr_actor import OCRActor
from actors.ocr.protocol import RecognizeRequest
from actors.ocr.retirement import RetirementLimits
from cluster.blobs.metered import MeteredBlobStore
from cluster.blobs.open import open_store
from cluster.clock import SystemClock
from cluster.errors import PageError
from cluster.page_text import PageText
from cluster.ray_metrics import metered_process
from cluster.settings import Settings
from cluster.telemetry import start_logging
from cluster.tracing import start_tracing
from serve_app.engine_settings import engine_options
from serve_app.process_memory import own_memory_mb
from serve_app.ray_loopback import bind_to_loopback
from serve_app.replica_share import cores_of, fetch_pixels


class OcrReplica:
    async def __init__(self, settings: Settings, engine: str) -> None:  # type: ignore[misc]  # Serve awaits it
        start_logging()
        bind_to_loopback()
        clock = SystemClock()
        start_tracing("OCRActor")
        meter = metered_process("OCRActor", clock, own_memory_mb, engine)
        blobs = MeteredBlobStore(open_store(settings.store), meter, clock)
        # Every pool may be busy at once, so the cores are shared by all replicas that there may be.
        replicas = settings.ocr_range.most * len(settings.engine_names)
        threads = cores_of(settings.ocr_cpus, replicas)
        self._actor = OCRActor(
            make_engine(engine, engine_options(settings, threads)),
            blobs,
            fetch=fetch_pixels,
            needs_pixels=engine_spec(engine).needs_pixels,
            retirement=RetirementLimits(settings.recycle_pages, settings.recycle_memory_mb),
            memory_mb=own_memory_mb,
            clock=clock,
            meter=meter,
        )
        await self._actor.start()

    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        return await self._actor.recognize(requests)

    async def info(self) -> dict[str, Any]:
        return {**await self._actor.info(), "memory_mb": round(own_memory_mb(), 1)}

    async def check_health(self) -> None:
        self._actor.check_health()
