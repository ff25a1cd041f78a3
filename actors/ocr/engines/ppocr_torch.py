"""``ppocr-torch``: PP-OCRv6 in torch, for a GPU; weights in the RapidOCR wheel."""

from __future__ import annotations

from actors.ocr.engine import BatchLimits, Engine
from actors.ocr.engines.spec import EngineOptions, EngineSpec
from actors.ocr.ppocr_languages import LANGUAGES
from cluster.errors import StartupError


def _make(argument: str, options: EngineOptions, limits: BatchLimits) -> Engine:
    try:
        from actors.ocr.ppocr_torch_engine import PpocrTorchEngine
    except ModuleNotFoundError as error:
        raise StartupError(f"The engine ppocr-torch needs {error.name}: pip install gnosis-ocr[gpu].") from error
    return PpocrTorchEngine(threads=options.threads, limits=limits, cache=options.cache_folder)


def _check(argument: str, options: EngineOptions) -> str:
    _make(argument, options, SPEC.limits)
    from actors.ocr.gpu import devices
    from actors.ocr.ppocr_weights import wheel_weights

    weights = wheel_weights()
    return f"weights of {weights.family} in the wheel, {devices()}"


# Two parts of 32 pages, of which a thousand lines or more are read together.
SPEC = EngineSpec(
    _make, BatchLimits(pages=64, pixels=300_000_000, wait_ms=10), gpu=True, languages=LANGUAGES, check=_check
)
