from __future__ import annotations

import pytest

from actors.ocr.vlm_prompts import BY_ARCHITECTURE, GENERIC, NANONETS, prompt_for


@pytest.mark.parametrize("source", ["nanonets/Nanonets-OCR-s", "/models/nanonets-ocr-s", "me/Nanonets-OCR2-3B-mine"])
def test_a_model_is_asked_as_it_was_trained_wherever_it_lies(source: str) -> None:
    assert prompt_for(source, "qwen2_5_vl") is NANONETS


def test_a_model_that_knows_one_task_is_asked_for_it() -> None:
    assert prompt_for("stepfun-ai/GOT-OCR-2.0-hf", "got_ocr2") is BY_ARCHITECTURE["got_ocr2"]
    assert prompt_for("stepfun-ai/GOT-OCR-2.0-hf", "got_ocr2").text is None


def test_an_unknown_model_gets_the_generic_prompt() -> None:
    assert prompt_for("Qwen/Qwen2.5-VL-3B-Instruct", "qwen2_5_vl") is GENERIC
    assert prompt_for("nanonets/other", "llava") is GENERIC


def test_the_setting_overrides_the_table() -> None:
    assert prompt_for("nanonets/Nanonets-OCR-s", "qwen2_5_vl", "Read it.").text == "Read it."
