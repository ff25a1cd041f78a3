"""Attention within segments of a long row, as Qwen's vision towers ask for it: all segments of one length at once.

Without flash attention transformers cuts the row and attends segment by segment: on a page of windows of 64 patches
eighty calls for each layer. Its flash path hands the bounds of the segments over, and needs no cutting.
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

NAME = "segments_in_place_of_flash"  # "flash" in the name is how transformers knows who takes bounds
TOWERS = ("qwen2_vl", "qwen2_5_vl")


def attend_segments_together(model: Any) -> bool:
    """Whether the model has such a vision tower; it reads the same from here on, sooner."""
    if model.config.model_type not in TOWERS:
        return False
    ALL_ATTENTION_FUNCTIONS.register(NAME, attention_in_segments)
    model.config.vision_config._attn_implementation_internal = NAME
    return True


def attention_in_segments(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    *,
    cu_seq_lens_q: torch.Tensor,
    scaling: float | None = None,
    dropout: float = 0.0,
    **others: Any,
) -> tuple[torch.Tensor, None]:
    """transformers' attention interface. query, key, value: (1, heads, places, width). cu_seq_lens_q: bounds of the
    segments, in places, from 0. Answers (1, places, heads, width)."""
    bounds = cu_seq_lens_q.tolist()
    if bounds[-1] != query.shape[2]:
        raise ValueError(f"The segments end at {bounds[-1]}, the row at {query.shape[2]}.")
    starts: dict[int, list[int]] = {}
    for start, end in itertools.pairwise(bounds):
        if end > start:
            starts.setdefault(end - start, []).append(start)
    attended = torch.empty_like(query)
    for length, places in starts.items():
        index = torch.tensor(places, device=query.device)[:, None] + torch.arange(length, device=query.device)
        cut = [each[0, :, index].transpose(0, 1) for each in (query, key, value)]
        within = torch.nn.functional.scaled_dot_product_attention(*cut, dropout_p=dropout, scale=scaling)
        attended[0, :, index] = within.transpose(0, 1)
    return attended.transpose(1, 2), None
