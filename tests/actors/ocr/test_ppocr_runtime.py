from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from actors.ocr import ppocr_runtime
from actors.ocr.ppocr_kept_choice import KeptChoice
from actors.ocr.ppocr_network import Images, Networks, RecognizerNetwork, Steps
from actors.ocr.ppocr_runtime import RUNTIMES, Runtime, available_runtimes, fastest_runtime, opened_networks
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


class NoDetector:
    def maps(self, pages: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        raise AssertionError("only the recogniser is measured")


class NoOrientation:
    def flipped(self, lines: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        raise AssertionError("only the recogniser is measured")


class FakeRuntime:
    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self.version = f"{name}-1"
        self._seconds = seconds

    def open(self, weights: Weights) -> Networks:
        if "refuses" in self.name:
            raise RuntimeError("an instruction that the processor does not have")
        recognizer = self.recognizer(weights.recognizer)
        return Networks(self.version, NoDetector(), NoOrientation(), recognizer)

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


WEIGHTS = Weights("family", Path("detector"), Path("orientation"), Path("recognizer"))


def counted(runtimes: dict[str, Callable[[int], Runtime]], made: list[str]) -> dict[str, Callable[[int], Runtime]]:
    def counting(name: str) -> Callable[[int], Runtime]:
        def make(threads: int) -> Runtime:
            made.append(name)
            return runtimes[name](threads)

        return make

    return {name: counting(name) for name in runtimes}


def test_the_fastest_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", counted({"a": of("a", 0.02), "b": of("b", 0.001)}, made))
    kept = KeptChoice(tmp_path, 1, WEIGHTS.recognizer)
    assert opened_networks(1, WEIGHTS, None, kept).version == "b-1"
    assert (made, kept.read()) == (["a", "b"], "b")
    made.clear()
    assert opened_networks(1, WEIGHTS, None, kept).version == "b-1"
    assert made == ["b"]


@pytest.mark.parametrize("name", ["unknown", "refuses", "absent", "\ufffd"])
def test_what_is_kept_and_does_not_run_is_measured_anew(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtimes = {"absent": absent, "refuses": of("refuses", 0.02), "b": of("b", 0.001)}
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", runtimes)
    kept = KeptChoice(tmp_path, 1, WEIGHTS.recognizer)
    kept.keep(name)
    assert opened_networks(1, WEIGHTS, None, kept).version == "b-1"
    assert kept.read() == "b"


def test_one_that_is_asked_for_is_neither_kept_nor_looked_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", {"a": of("a"), "b": of("b")})
    kept = KeptChoice(tmp_path, 1, WEIGHTS.recognizer)
    assert opened_networks(1, WEIGHTS, "a", kept).version == "a-1"
    assert kept.read() is None
    kept.keep("b")
    assert opened_networks(1, WEIGHTS, "a", kept).version == "a-1"


def test_where_none_runs_what_is_kept_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ppocr_runtime, "RUNTIMES", dict.fromkeys(RUNTIMES, absent))
    kept = KeptChoice(tmp_path, 1, WEIGHTS.recognizer)
    kept.keep("openvino")
    with pytest.raises(StartupError, match="No such module"):
        opened_networks(1, WEIGHTS, None, kept)
