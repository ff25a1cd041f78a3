from __future__ import annotations

import pytest
import torch

from actors.ocr.gpu import devices, gpu_names


def test_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (gpu_names(), devices()) == ([], "on the processor: torch finds no GPU")


def test_with_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"GPU {number}")
    assert (gpu_names(), devices()) == (["GPU 0", "GPU 1"], "on GPU 0, GPU 1")
