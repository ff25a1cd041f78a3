from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
import torch

from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_segments import attend_segments_together, attention_in_segments
from tests.actors.ocr.test_vlm_runner import prepared


def test_each_segment_attends_to_itself_alone() -> None:
    torch.manual_seed(1)
    query, key, value = (torch.randn(1, 2, 11, 4) for _ in range(3))
    bounds = [0, 4, 5, 9, 9, 11]
    attended, weights = attention_in_segments(None, query, key, value, None, cu_seq_lens_q=torch.tensor(bounds))
    assert weights is None
    assert attended.shape == (1, 11, 2, 4)
    for start, end in itertools.pairwise(bounds):
        cut = [each[:, :, start:end] for each in (query, key, value)]
        alone = torch.nn.functional.scaled_dot_product_attention(*cut).transpose(1, 2)
        torch.testing.assert_close(attended[:, start:end], alone)


def test_segments_must_fill_the_row() -> None:
    row = torch.zeros(1, 1, 4, 2)
    with pytest.raises(ValueError, match="end at 3, the row at 4"):
        attention_in_segments(None, row, row, row, None, cu_seq_lens_q=torch.tensor([0, 3]))


def test_a_vision_tower_sees_the_same(vlm: Callable[[str], VlmModel]) -> None:
    model = vlm("qwen2_5_vl")
    pages = prepared(model)
    configured = model.model.config.vision_config

    def seen() -> list[torch.Tensor]:
        with torch.inference_mode():
            return [model.model(**page.tensors).logits for page in pages]

    before = configured._attn_implementation
    try:
        configured._attn_implementation_internal = "sdpa"
        cut = seen()
        assert attend_segments_together(model.model)
        together = seen()
    finally:
        configured._attn_implementation_internal = before
    for one, other in zip(cut, together, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


def test_other_models_are_left_alone(vlm: Callable[[str], VlmModel]) -> None:
    assert not attend_segments_together(vlm("got_ocr2").model)
