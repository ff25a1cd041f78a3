"""``rapidocr``: PP-OCRv6 on the processor, weights in the wheel."""

from __future__ import annotations

from actors.ocr.cache_folder import default_cache_folder
from actors.ocr.engine import BatchLimits, Engine
from actors.ocr.engines.spec import EngineOptions, EngineSpec
from actors.ocr.ppocr_languages import LANGUAGES


def _make(argument: str, options: EngineOptions, limits: BatchLimits) -> Engine:
    from actors.ocr.rapidocr_engine import RapidOcrEngine

    try:
        cache = options.cache_folder or default_cache_folder()
    except RuntimeError:  # an account without a home
        cache = None
    return RapidOcrEngine(threads=options.threads, limits=limits, cache=cache)


def _check(argument: str, options: EngineOptions) -> str:
    from actors.ocr.ppocr_runtime import available_runtimes
    from actors.ocr.ppocr_weights import wheel_weights

    runtimes = available_runtimes(options.threads, wheel_weights().recognizer)
    return f"weights in the wheel, read lines with {', '.join(runtimes.values())}"


# On a processor a page gains nothing from company, so each is answered as soon as it is read.
SPEC = EngineSpec(_make, BatchLimits(pages=1, pixels=50_000_000, wait_ms=0), languages=LANGUAGES, check=_check)
