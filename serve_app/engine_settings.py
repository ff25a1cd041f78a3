"""What the engines take from the settings."""

from __future__ import annotations

import tempfile
from pathlib import Path

from actors.ocr.engine import BatchLimits
from actors.ocr.engines import batch_limits
from actors.ocr.engines.spec import EngineOptions
from cluster.settings import Settings


def engine_options(settings: Settings, threads: int = 1) -> EngineOptions:
    """threads: processor cores of the replica."""
    return EngineOptions(
        threads=threads,
        fault_folder=Path(settings.null_fault_folder or tempfile.gettempdir()),
        batch_size=settings.batch_size,
        batch_wait_ms=settings.batch_wait_ms,
        prompt=settings.prompt,
        max_page_tokens=settings.max_page_tokens,
        page_seconds=settings.page_seconds,
        null_delay_ms=settings.null_delay_ms,
        null_faults=settings.null_faults,
        cache_folder=Path(settings.cache_folder).expanduser() if settings.cache_folder else None,
    )


def engine_limits(engine: str, settings: Settings) -> BatchLimits:
    return batch_limits(engine, engine_options(settings))
