"""GPU memory is told where torch is on a GPU, and nobody imports torch to find out."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from actors.ocr.gpu_memory import gpu_memory


def torch_that(initialized: bool) -> SimpleNamespace:
    return SimpleNamespace(
        cuda=SimpleNamespace(
            is_initialized=lambda: initialized, memory_reserved=lambda: 8 << 30, memory_allocated=lambda: 5 << 30
        )
    )


def test_what_torch_holds_and_uses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", torch_that(True))
    assert gpu_memory() == {"reserved": 8 << 30, "used": 5 << 30}


def test_without_torch_or_without_a_gpu_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", torch_that(False))
    assert gpu_memory() == {}
    monkeypatch.delitem(sys.modules, "torch")
    assert gpu_memory() == {}
    assert "torch" not in sys.modules
