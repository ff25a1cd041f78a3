"""Vision-language models with random weights, saved once for all tests and loaded as any other."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from actors.ocr.vlm_model import VlmModel


@pytest.fixture(scope="session")
def vlm_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a model of the family."""
    from benchmarks.random_vlm import FAMILIES

    @cache
    def folder(family: str) -> Path:
        return FAMILIES[family](tmp_path_factory.mktemp("vlm") / family)

    return folder


@pytest.fixture(scope="session")
def vlm(vlm_folder: Callable[[str], Path]) -> Callable[[str], VlmModel]:
    """A model of the family, loaded. Tests leave it as it is."""
    import torch

    from actors.ocr.vlm_model import load_model

    torch.set_num_threads(1)
    return cache(lambda family: load_model(str(vlm_folder(family)), device="cpu"))
