from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actors.ocr.vlm_cache import RowCache
from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_pages import PagePreparation
from actors.ocr.vlm_prompts import GENERIC
from actors.ocr.vlm_runner import BatchRunner
from actors.ocr.vlm_self_check import reason_against_rows


@pytest.fixture
def model(vlm: Callable[[str], VlmModel]) -> VlmModel:
    return vlm("qwen2_5_vl")


def reason(model: VlmModel) -> str | None:
    return reason_against_rows(model, PagePreparation(model, GENERIC))


def test_a_model_whose_rows_may_come_and_go(model: VlmModel) -> None:
    assert reason(model) is None


def test_layers_that_forget_are_not_for_rows(model: VlmModel, monkeypatch: pytest.MonkeyPatch) -> None:
    config = model.model.config.get_text_config()
    monkeypatch.setattr(config, "layer_types", ["full_attention", "sliding_attention"])
    assert reason(model) == "its layers are of the kinds full_attention, sliding_attention"


def test_a_batch_that_forgets_is_noticed(model: VlmModel, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = RowCache.begin

    def forgetful(self: RowCache, lengths: Any, columns: int) -> None:
        begin(self, lengths - 5, columns)

    monkeypatch.setattr(RowCache, "begin", forgetful)
    assert "thinks otherwise than in generate()" in (reason(model) or "")


def test_what_an_architecture_can_not_do_is_a_reason(model: VlmModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise TypeError("no such argument")

    monkeypatch.setattr(BatchRunner, "enter", refuse)
    assert reason(model) == "TypeError: no such argument"


def test_a_model_that_can_not_read_at_all_is_no_matter_of_rows(
    model: VlmModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("sizes differ")

    monkeypatch.setattr(model.model.get_input_embeddings(), "forward", broken)
    with pytest.raises(RuntimeError, match="sizes differ"):
        reason(model)
