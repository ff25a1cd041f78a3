"""Reads groups of pages with transformers' own ``generate``: for models whose rows can't come and go.

A page that has ended, or tripped a guardrail, stops by itself; its group goes on without it, to the longest.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from typing import Any

import torch
from transformers import StoppingCriteria, StoppingCriteriaList

from actors.ocr.vlm_guardrails import Stop, Watch
from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_pages import PageInputs, collated


class StaticReader:
    def __init__(self, vlm: VlmModel) -> None:
        self._vlm = vlm

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def read(self, group: Sequence[tuple[PageInputs, Watch]]) -> list[Stop]:
        """Why each page's output ended; its tokens are in its watch. Pages of one shape. torch.OutOfMemoryError."""
        vlm, watches = self._vlm, [watch for _, watch in group]
        batch = collated([inputs for inputs, _ in group], vlm.padding)
        ending = _Ending(watches)
        how = copy.deepcopy(vlm.model.generation_config)
        how.update(
            do_sample=False,
            num_beams=1,
            max_length=None,
            max_new_tokens=max(watch.guardrails.tokens for watch in watches),
            repetition_penalty=max(watch.guardrails.penalty for watch in watches),
            pad_token_id=vlm.padding,
            # None would be replaced by the model's own; this token never comes. The watches know when a page ends.
            eos_token_id=vlm.model.config.get_text_config().vocab_size,
        )
        tensors = {name: value.to(vlm.device) for name, value in batch.items()}
        vlm.model.generate(**tensors, generation_config=how, stopping_criteria=StoppingCriteriaList([ending]))
        return [stop or Stop.TOKENS for stop in ending.stops]


class _Ending(StoppingCriteria):  # type: ignore[misc]
    """Says of each row whether it has ended, by its watch."""

    def __init__(self, watches: list[Watch]) -> None:
        self._watches = watches
        self.stops: list[Stop | None] = [None] * len(watches)

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        now = time.monotonic()
        for row, token in enumerate(input_ids[:, -1].tolist()):
            if self.stops[row] is None:
                self.stops[row] = self._watches[row].takes(token, now)
        return torch.tensor([stop is not None for stop in self.stops], device=input_ids.device)
