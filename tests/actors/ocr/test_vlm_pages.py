from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_pages import PagePreparation, collated
from actors.ocr.vlm_prompts import prompt_for
from tests.actors.ocr.engine_contract import printed


@pytest.fixture
def preparation(vlm: Callable[[str], VlmModel]) -> PagePreparation:
    return PagePreparation(vlm("qwen2_5_vl"), prompt_for("nanonets-ocr", "qwen2_5_vl"))


@pytest.mark.parametrize("family", ["qwen2_5_vl", "got_ocr2", "idefics3"])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (1, 3000), (3000, 1), (50, 2000), (1200, 900)])
def test_odd_shapes_fit_every_processor(family: str, width: int, height: int, vlm: Callable[[str], VlmModel]) -> None:
    model = vlm(family)
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    inputs = PagePreparation(model, prompt_for(family, model.architecture)).inputs(pixels)
    assert inputs.size == inputs.tensors["input_ids"].shape[1] > 10
    assert inputs.tensors["pixel_values"].dtype is torch.float32


def test_pages_keep_to_the_models_budget_of_pixels(preparation: PagePreparation) -> None:
    small, large = preparation.inputs(printed("a")), preparation.inputs(printed("a", 1700, 2200))
    tiles = [int(inputs.tensors["image_grid_thw"].prod()) // 4 for inputs in (small, large)]
    assert tiles[0] <= 24 * 28 * 28
    assert 20 <= tiles[1] <= 24
    assert large.size - small.size == tiles[1] - tiles[0]


def test_a_scale_makes_the_image_smaller(preparation: PagePreparation) -> None:
    page = printed("a", 112, 112)
    assert preparation.inputs(page).size - preparation.inputs(page, 0.5).size == 16 - 4


def test_pages_of_one_batch_are_padded_on_the_left(preparation: PagePreparation) -> None:
    pages = [preparation.inputs(printed("a", 112, 56)), preparation.inputs(printed("b", 112, 112))]
    assert pages[0].shape == pages[1].shape
    batch = collated(pages, padding=77)
    assert batch["input_ids"].shape == batch["attention_mask"].shape == batch["mm_token_type_ids"].shape
    assert batch["input_ids"][0, :8].tolist() == [77] * 8
    assert batch["attention_mask"].sum(1).tolist() == [page.size for page in pages]
    assert torch.equal(batch["input_ids"][0, 8:], pages[0].tensors["input_ids"][0])
    assert batch["image_grid_thw"].tolist() == [[1, 4, 8], [1, 8, 8]]
    assert len(batch["pixel_values"]) == 32 + 64


def test_pages_are_prepared_side_by_side(vlm: Callable[[str], VlmModel]) -> None:
    model = vlm("qwen2_5_vl")
    preparation = PagePreparation(model, prompt_for(model.source, model.architecture))
    pages = [printed(f"page {number}", 200 + 30 * number, 100) for number in range(8)]
    alone = [preparation.inputs(page) for page in pages]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(preparation.inputs, pages))
    for one, other in zip(alone, together, strict=True):
        assert one.size == other.size
        torch.testing.assert_close(one.tensors, other.tensors)
