"""``transformers:<id or folder>``: a vision-language model that transformers knows, on the GPU where there is one."""

from __future__ import annotations

from actors.ocr.engine import BatchLimits, Engine
from actors.ocr.engines.spec import EngineOptions, EngineSpec


def _make(argument: str, options: EngineOptions, limits: BatchLimits) -> Engine:
    try:
        from actors.ocr.transformers_engine import TransformersEngine
        from actors.ocr.vlm_guardrails import Guardrails
    except ImportError as error:
        from cluster.errors import StartupError

        raise StartupError(f"The engine transformers needs the packages of gnosis-ocr[gpu]: {error}.") from error
    return TransformersEngine(
        argument,
        limits=limits,
        guardrails=Guardrails(tokens=options.max_page_tokens, seconds=options.page_seconds),
        threads=options.threads,
        prompt=options.prompt,
    )


def _check(argument: str, options: EngineOptions) -> str:
    _make(argument, options, SPEC.limits)
    from actors.ocr.gpu import devices
    from actors.ocr.vlm_model import present_folder

    folder = present_folder(argument)
    weights = "weights not here yet: the start fetches them" if folder is None else f"weights in {folder}"
    return f"{weights}, {devices()}"


SPEC = EngineSpec(
    _make,
    BatchLimits(pages=16, pixels=400_000_000, wait_ms=5),
    default_argument="nanonets/Nanonets-OCR-s",
    argument="a model's id or folder",
    gpu=True,
    check=_check,
)
