from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from actors.ocr.vlm_model import VlmModel, load_model
from benchmarks.random_vlm import FAMILIES, SPECIAL
from cluster.errors import StartupError


@pytest.mark.parametrize("family", FAMILIES)
def test_models_are_loaded_from_their_folders(family: str, vlm: Callable[[str], VlmModel]) -> None:
    model = vlm(family)
    assert model.architecture == family
    assert model.model.dtype is torch.float32
    assert not model.model.training
    assert model.version.startswith(f"{family}/float32/transformers-")
    assert model.ends == {SPECIAL.index("<|im_end|>"), SPECIAL.index("<end_of_utterance>")}
    assert model.padding == 0
    assert model.context == 4096


def test_bfloat16_is_used_where_it_is_asked_for(vlm_folder: Callable[[str], Path]) -> None:
    assert load_model(str(vlm_folder("idefics3")), dtype="bfloat16", device="cpu").model.dtype is torch.bfloat16


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json", "preprocessor_config.json"])
def test_what_is_missing_is_named(missing: str, tmp_path: Path, vlm_folder: Callable[[str], Path]) -> None:
    folder = tmp_path / "model"
    shutil.copytree(vlm_folder("qwen2_5_vl"), folder)
    (folder / missing).unlink()
    with pytest.raises(StartupError, match=r"can't load (the model|the processor of) .*model: \S") as raised:
        load_model(str(folder), device="cpu")
    assert str(folder) in raised.value.detail


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(StartupError, match="/nowhere/model: there is no such folder"):
        load_model("/nowhere/model")


def test_an_id_that_was_never_fetched_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(StartupError, match="can't load the model nobody/nothing"):
        load_model("nobody/nothing")


def test_weights_that_lack_a_tensor_are_no_weights(tmp_path: Path, vlm_folder: Callable[[str], Path]) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "model"
    shutil.copytree(vlm_folder("idefics3"), folder)
    weights = load_file(folder / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(StartupError, match=r"lack 1 tensors, such as lm_head\.weight"):
        load_model(str(folder), device="cpu")
