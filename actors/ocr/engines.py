"""The engines by name: the one place to add a line for a new one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from actors.ocr.engine import BatchLimits, Engine
from actors.ocr.null_engine import NullEngine
from cluster.settings import Settings

DEFAULT_LIMITS = {
    # On a processor a larger batch gains nothing, and keeps the first page's text from its reader.
    "rapidocr": BatchLimits(pages=1, pixels=50_000_000, wait_ms=0),
    "null": BatchLimits(pages=16, pixels=1_000_000_000, wait_ms=5),
}


def engine_limits(name: str, settings: Settings) -> BatchLimits:
    """The batch limits of an engine, as the settings change them."""
    default = DEFAULT_LIMITS[name]
    return BatchLimits(
        settings.batch_size or default.pages,
        default.pixels,
        default.wait_ms if settings.batch_wait_ms is None else settings.batch_wait_ms,
    )


def make_engine(name: str, settings: Settings, *, threads: int) -> Engine:
    """An engine, not loaded yet. threads: processor cores that the replica may use."""
    return _FACTORIES[name](settings, threads)


def _rapidocr(settings: Settings, threads: int) -> Engine:
    from actors.ocr.rapidocr_engine import RapidOcrEngine  # loads OpenCV and the runtimes: in its replica alone

    return RapidOcrEngine(threads=threads, limits=engine_limits("rapidocr", settings))


def _null(settings: Settings, threads: int) -> Engine:
    folder = Path(settings.null_fault_folder) if settings.null_fault_folder else None
    return NullEngine(
        engine_limits("null", settings),
        delay_ms=settings.null_delay_ms,
        script=settings.null_faults,
        fault_folder=folder,
    )


_FACTORIES: dict[str, Callable[[Settings, int], Engine]] = {"rapidocr": _rapidocr, "null": _null}
