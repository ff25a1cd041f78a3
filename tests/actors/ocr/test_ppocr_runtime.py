from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
import pytest

from actors.ocr import ppocr_runtime
from actors.ocr.ppocr_runtime import Runtime, Session, Tensor, fastest_runtime, wheel_weights
from cluster.errors import StartupError


class SleepySession:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __call__(self, input_content: Tensor) -> Tensor:
        time.sleep(self._seconds)
        return np.zeros((1, 1, 1), np.float32)

    def get_character_list(self, key: str = "character") -> list[str]:
        return []


def runtime(name: str, session: Session) -> Runtime:
    return Runtime(name, f"{name}-1", lambda path: session)


def test_the_faster_runtime_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, fast = SleepySession(0.02), SleepySession(0.001)
    monkeypatch.setattr(ppocr_runtime, "_openvino", lambda threads: runtime("a", slow))
    monkeypatch.setattr(ppocr_runtime, "_onnxruntime", lambda threads: runtime("b", fast))
    chosen, session = fastest_runtime(1, Path("weights"))
    assert chosen.name == "b"
    assert session is fast


@pytest.mark.parametrize(("missing", "left"), [("openvino", "onnxruntime"), ("onnxruntime", "openvino")])
def test_where_one_is_missing_the_other_is_used(missing: str, left: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def _absent(threads: int) -> Runtime:
        raise ModuleNotFoundError(f"No module named {missing!r}")

    monkeypatch.setattr(ppocr_runtime, f"_{missing}", _absent)
    chosen, session = fastest_runtime(1, wheel_weights().recognizer)
    assert chosen.name == left
    assert len(session.get_character_list()) > 18_000


def test_where_both_are_missing_the_start_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    def _absent(threads: int) -> Runtime:
        raise ModuleNotFoundError("No such module")

    monkeypatch.setattr(ppocr_runtime, "_openvino", _absent)
    monkeypatch.setattr(ppocr_runtime, "_onnxruntime", _absent)
    with pytest.raises(StartupError, match="No such module"):
        fastest_runtime(1, Path("weights"))


def test_rapidocr_is_silent() -> None:
    ppocr_runtime.silence_rapidocr()
    assert not logging.getLogger("RapidOCR").isEnabledFor(logging.ERROR)
