"""Whether a model's rows may come and go: looked at once, when it is loaded, since no architecture says so of itself.

Two pages are read one step apart in one batch, and each alone by transformers' own ``generate``. As long as both have
written the same tokens, both must think the same of the next one, but for rounding.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from actors.ocr.engine import Pixels
from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_pages import PageInputs, PagePreparation
from actors.ocr.vlm_runner import BatchRunner, Row

TOKENS = 8
SIZES = ((300, 200), (160, 260))
CLOSE = {torch.float32: 1e-3, torch.float16: 0.02, torch.bfloat16: 0.1}
"""How far logits may lie apart, as a share of the largest."""


def reason_against_rows(vlm: VlmModel, preparation: PagePreparation) -> str | None:
    """Why its pages must be read in fixed batches; None where rows may come and go.

    Raises what generate() raises, and torch.OutOfMemoryError.
    """
    kinds = set(getattr(vlm.model.config.get_text_config(), "layer_types", None) or ["full_attention"])
    if kinds != {"full_attention"}:
        return f"its layers are of the kinds {', '.join(sorted(kinds))}"
    pages = [preparation.inputs(_page(*size)) for size in SIZES]
    alone = [_alone(vlm, page) for page in pages]
    try:
        written = _in_rows(vlm, pages)
    except torch.OutOfMemoryError:
        raise
    except Exception as error:  # whatever an architecture can't do
        return f"{type(error).__name__}: {error}"[:300]
    for ours, (theirs, expected) in zip(written, alone, strict=True):
        for place, ((token, logits), other) in enumerate(zip(ours, theirs, strict=False)):
            reference = expected[place][0].float()
            if float((logits - reference).abs().max()) > CLOSE[vlm.model.dtype] * float(reference.abs().max()):
                return f"it thinks otherwise than in generate() of token {place + 1}"
            if token != other:
                break
    return None


def _in_rows(vlm: VlmModel, pages: list[PageInputs]) -> list[list[tuple[int, Any]]]:
    """Each page's tokens with their logits."""
    runner: BatchRunner[int] = BatchRunner(vlm, keep_logits=True)
    written: list[list[tuple[int, Any]]] = [[] for _ in pages]

    def take(tokens: list[tuple[Row[int], int]]) -> None:
        for place, (row, token) in enumerate(tokens):
            written[row.item].append((token, runner.logits[place]))

    for number, page in enumerate(pages):
        take(runner.enter([(number, page, 1.0)]))
        take(runner.step())
    while min(len(tokens) for tokens in written) < TOKENS:
        take(runner.step())
    return written


def _alone(vlm: VlmModel, page: PageInputs) -> tuple[list[int], Any]:
    with torch.inference_mode():
        output = vlm.model.generate(
            **{name: value.to(vlm.device) for name, value in page.tensors.items()},
            do_sample=False,
            num_beams=1,
            repetition_penalty=1.0,
            max_new_tokens=TOKENS,
            pad_token_id=vlm.padding,
            return_dict_in_generate=True,
            output_logits=True,
        )
    return output.sequences[0, page.size :].tolist(), output.logits


def _page(width: int, height: int) -> Pixels:
    """A pattern: no page in particular, but not of one colour."""
    rows, columns = np.mgrid[:height, :width]
    grey = ((rows // 12 * 37 + columns // 9 * 53) % 256).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
