"""``null``: reads nothing. For measuring the cluster alone, and for tests."""

from __future__ import annotations

from actors.ocr.engine import BatchLimits, Engine
from actors.ocr.engines.spec import EngineOptions, EngineSpec


def _make(argument: str, options: EngineOptions, limits: BatchLimits) -> Engine:
    from actors.ocr.null_engine import NullEngine

    return NullEngine(
        fault_folder=options.fault_folder,
        delay_ms=options.null_delay_ms,
        faults=options.null_faults,
        limits=limits,
    )


SPEC = EngineSpec(_make, BatchLimits(pages=16, pixels=400_000_000, wait_ms=5), needs_pixels=False)
