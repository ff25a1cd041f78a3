"""``openai:<url>``: a vision model behind an OpenAI-compatible server, such as vLLM."""

from __future__ import annotations

import math

from actors.ocr.engine import BatchLimits, Engine
from actors.ocr.engines.spec import EngineOptions, EngineSpec

SHARE_OF_CAPACITY = 1.5
"""Of requests in flight, so that the server finds the next ones there when it is done with some."""

CHECK_S = 10.0
"""How long a check waits for a server that does not answer."""


def _make(argument: str, options: EngineOptions, limits: BatchLimits) -> Engine:
    from actors.ocr.openai_engine import OpenAiEngine

    return OpenAiEngine(
        argument,
        limits=limits,
        in_flight=_pages(options),
        model=options.openai_model,
        api_key=options.openai_api_key,
        prompt=options.prompt,
        max_page_tokens=options.max_page_tokens,
        page_timeout_s=options.page_seconds,
    )


def _check(argument: str, options: EngineOptions) -> str:
    from actors.ocr.openai_engine import OpenAiEngine

    engine = OpenAiEngine(
        argument,
        limits=SPEC.limits,
        in_flight=1,
        model=options.openai_model,
        api_key=options.openai_api_key,
        page_timeout_s=CHECK_S,
        load_s=CHECK_S,
    )
    engine.load()
    engine.close()
    return f"the server has read a small page by {engine.version}"


def _pages(options: EngineOptions) -> int:
    """As many as are in flight at once."""
    return max(1, math.ceil(options.openai_capacity * SHARE_OF_CAPACITY))


SPEC = EngineSpec(
    _make,
    BatchLimits(pages=24, pixels=1_200_000_000, wait_ms=0),
    pages=_pages,
    default_argument="",
    argument="the URL of a server, such as openai:http://127.0.0.1:8000/v1",
    check=_check,
)
