from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.ocr import ppocr_runtime
from actors.ocr.ppocr_network import Images, Networks, RecognizerNetwork, Steps
from actors.ocr.ppocr_runtime import RUNTIMES, Runtime, available_runtimes, fastest_runtime
from actors.ocr.ppocr_weights import Weights, wheel_weights
from cluster.errors import StartupError


class SleepyNetwork:
    characters: tuple[str, ...] = ()
    batch_width = 1
    most_lines = 1

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        for _ in lines:
            time.sleep(self._seconds)
            yield Steps(np.zeros((1, 1), np.int32), np.zeros((1, 1), np.float32))


class FakeRuntime:
    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self.version = f"{name}-1"
        self._seconds = seconds

    def open(self, weights: Weights) -> Networks:
        raise AssertionError("only the recogniser is measured")

    def recognizer(self, path: Path) -> RecognizerNetwork:
        return SleepyNetwork(self._seconds)


def absent(threads: int) -> Runtime:
    raise ModuleNotFoundError("No such module")


def of(name: str, seconds: float = 0) -> Callable[[int], Runtime]:
    return lambda threads: FakeRuntime(name, seconds)


def test_the_faster_runtime_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", {"a": of("a", 0.02), "b": of("b", 0.001)})
    assert fastest_runtime(1, Path("weights")).name == "b"


def test_one_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", {"a": of("a", 0.02), "b": of("b", 0.001)})
    assert fastest_runtime(1, Path("weights"), "a").name == "a"


def test_what_is_the_same_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", {"a": of("same"), "a-f32": of("same"), "b": of("b")})
    assert available_runtimes(1, Path("weights")) == {"a": "same-1", "b": "b-1"}


@pytest.mark.parametrize(("missing", "left"), [("openvino", "onnxruntime"), ("onnxruntime", "openvino")])
def test_where_one_is_missing_the_other_is_used(missing: str, left: str, monkeypatch: pytest.MonkeyPatch) -> None:
    runtimes = {name: absent if name.startswith(missing) else make for name, make in RUNTIMES.items()}
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", runtimes)
    assert fastest_runtime(1, wheel_weights().recognizer).name == left


def test_where_both_are_missing_the_start_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", dict.fromkeys(RUNTIMES, absent))
    with pytest.raises(StartupError, match="No such module"):
        fastest_runtime(1, Path("weights"))
