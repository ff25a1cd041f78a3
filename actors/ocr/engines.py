"""The engines by name, and how each is made from the settings.

An engine's file is imported when it is made, in its replica: the driver and the other pools never load its libraries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.ocr.engine import BatchLimits, Engine
from cluster.errors import StartupError


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What engines are made from. threads: processor cores of the replica. batch_size (pages) and batch_wait_ms: None
    for the engine's own. fault_folder: where the null engine counts its crashes, on this machine.
    """

    threads: int
    fault_folder: Path
    batch_size: int | None = None
    batch_wait_ms: int | None = None
    null_delay_ms: float = 0
    null_faults: str = ""


def make_engine(name: str, options: EngineOptions) -> Engine:
    """A new engine, not loaded yet. StartupError: the name is unknown, or an option is wrong."""
    return _factory(name).make(options)


def batch_limits(name: str, options: EngineOptions) -> BatchLimits:
    """What the engine will be given as its limits, without making it. StartupError: the name is unknown."""
    limits = _factory(name).limits
    return BatchLimits(
        pages=limits.pages if options.batch_size is None else options.batch_size,
        pixels=limits.pixels,
        wait_ms=limits.wait_ms if options.batch_wait_ms is None else options.batch_wait_ms,
    )


@dataclass(frozen=True, slots=True)
class _Factory:
    make: Callable[[EngineOptions], Engine]
    limits: BatchLimits


def _factory(name: str) -> _Factory:
    if name not in _FACTORIES:
        raise StartupError(f"There is no engine {name!r}; known are {', '.join(_FACTORIES)}.")
    return _FACTORIES[name]


def _rapidocr(options: EngineOptions) -> Engine:
    from actors.ocr.rapidocr_engine import RapidOcrEngine

    return RapidOcrEngine(threads=options.threads, limits=batch_limits("rapidocr", options))


def _null(options: EngineOptions) -> Engine:
    from actors.ocr.null_engine import NullEngine

    return NullEngine(
        fault_folder=options.fault_folder,
        delay_ms=options.null_delay_ms,
        faults=options.null_faults,
        limits=batch_limits("null", options),
    )


# On a processor a page gains nothing from company, so rapidocr answers each as soon as it is read.
_FACTORIES = {
    "rapidocr": _Factory(_rapidocr, BatchLimits(pages=1, pixels=50_000_000, wait_ms=0)),
    "null": _Factory(_null, BatchLimits(pages=16, pixels=400_000_000, wait_ms=5)),
}
