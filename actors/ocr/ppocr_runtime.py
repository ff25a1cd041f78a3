"""Where the PP-OCRv6 networks run on a processor: OpenVINO or ONNX Runtime, whichever is faster on this one.

OpenVINO is tried in bfloat16, where the processor has it, and in float32.

Which one that is depends on the processor and on the number of threads, so it is measured at load with the network
that takes most of the time, the recogniser; and kept, so that it is measured once (ppocr_kept_choice.py).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from actors.ocr.ppocr_kept_choice import KeptChoice
from actors.ocr.ppocr_network import Networks, RecognizerNetwork
from actors.ocr.ppocr_onnxruntime import OnnxRuntimeNetworks
from actors.ocr.ppocr_openvino import OpenVinoNetworks
from actors.ocr.ppocr_weights import Weights
from cluster.errors import StartupError

log = logging.getLogger(__name__)

TRIAL_SHAPE = (1, 48, 640, 3)  # a line of middling length
TRIAL_LINES = 4
TRIAL_ROUNDS = 4
TRIAL_SECONDS = 0.5  # no further round after it
CLEAR_WIN = 0.9  # of the other's time; a smaller difference is noise, and OpenVINO's detector is a little faster


class Runtime(Protocol):
    """One way to run the networks. version: with its arithmetic, as in ``openvino-2026.4.1-bf16``."""

    name: str
    version: str

    def open(self, weights: Weights) -> Networks: ...

    def recognizer(self, path: Path) -> RecognizerNetwork: ...


RUNTIMES: dict[str, Callable[[int], Runtime]] = {
    "openvino": OpenVinoNetworks,
    "openvino-f32": partial(OpenVinoNetworks, precision="f32"),
    "onnxruntime": OnnxRuntimeNetworks,
}
"""By name, made from the number of threads; whatever they raise when made means that they can't run here."""


def opened_networks(threads: int, weights: Weights, only: str | None, kept: KeptChoice | None) -> Networks:
    """The networks in the fastest runtime. StartupError where none runs here.

    kept: names it without a measurement, or is told which one it was. What is kept and does not run is measured anew.
    """
    name = None if only is not None or kept is None else kept.read()
    if name in RUNTIMES:
        try:
            return RUNTIMES[name](threads).open(weights)
        except Exception:
            log.warning(
                "The runtime %s, which was the fastest here, does not run; all are measured.", name, exc_info=True
            )
    fastest = _fastest_trial(threads, weights.recognizer, only)
    if only is None and kept is not None:
        kept.keep(fastest.name)
    return fastest.runtime.open(weights)


def fastest_runtime(threads: int, recognizer: Path, only: str | None = None) -> Runtime:
    """The fastest of those that run here. StartupError where there is none.

    only: one of RUNTIMES, for comparisons that must not depend on which one won.
    """
    return _fastest_trial(threads, recognizer, only).runtime


def available_runtimes(threads: int, recognizer: Path) -> dict[str, str]:
    """The names of those that run here, and their versions. StartupError where there is none."""
    return {trial.name: trial.runtime.version for trial in _tried(threads, recognizer, RUNTIMES)}


@dataclass(frozen=True, slots=True)
class _Trial:
    """A runtime that has read lines here. name: in RUNTIMES."""

    name: str
    runtime: Runtime
    network: RecognizerNetwork


def _fastest_trial(threads: int, recognizer: Path, only: str | None) -> _Trial:
    tried = _tried(threads, recognizer, RUNTIMES if only is None else (only,))
    return tried[_fastest([trial.network for trial in tried])] if len(tried) > 1 else tried[0]


def _tried(threads: int, recognizer: Path, names: Iterable[str]) -> list[_Trial]:
    tried: list[_Trial] = []
    reasons: list[str] = []
    for name in names:
        try:
            runtime = RUNTIMES[name](threads)
            if any(runtime.version == other.runtime.version for other in tried):
                continue  # the processor's own arithmetic is float32
            network = runtime.recognizer(recognizer)
            _read_lines(network)
            tried.append(_Trial(name, runtime, network))
        except Exception as error:  # a runtime that can't run here is no reason to stop while another can
            reasons.append(f"{name}: {type(error).__name__} {error}")
    if not tried:
        raise StartupError(f"Neither OpenVINO nor ONNX Runtime runs the recogniser here ({'; '.join(reasons)}).")
    return tried


def _fastest(networks: list[RecognizerNetwork]) -> int:
    """Which one had the best run. They take turns, so that a busy moment of the machine hits them all."""
    best = [float("inf")] * len(networks)
    begun = time.perf_counter()
    for _ in range(TRIAL_ROUNDS):
        for index, network in enumerate(networks):
            start = time.perf_counter()
            _read_lines(network)
            best[index] = min(best[index], time.perf_counter() - start)
        if time.perf_counter() - begun > TRIAL_SECONDS:
            break
    winner = best.index(min(best))
    return winner if best[winner] < best[0] * CLEAR_WIN else 0


def _read_lines(network: RecognizerNetwork) -> None:
    line = np.zeros(TRIAL_SHAPE, np.uint8)
    for _ in network.read([line] * TRIAL_LINES):
        pass
