"""Where the PP-OCRv6 networks run on a processor: OpenVINO or ONNX Runtime, whichever is faster on this one.

Which one that is depends on the processor and on the number of threads, so it is measured at load with the network
that takes most of the time, the recogniser.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from actors.ocr.ppocr_network import Networks, RecognizerNetwork
from actors.ocr.ppocr_onnxruntime import OnnxRuntimeNetworks
from actors.ocr.ppocr_openvino import OpenVinoNetworks
from actors.ocr.ppocr_weights import Weights
from cluster.errors import StartupError

TRIAL_SHAPE = (1, 48, 640, 3)  # a line of middling length
TRIAL_LINES = 4
TRIAL_ROUNDS = 4
TRIAL_SECONDS = 0.5  # no further round after it
CLEAR_WIN = 0.9  # of the other's time; a smaller difference is noise, and OpenVINO's detector is a little faster


class Runtime(Protocol):
    """One way to run the networks. precision: of its arithmetic, ``f32`` or ``bf16``."""

    name: str
    precision: str

    def open(self, weights: Weights) -> Networks: ...

    def recognizer(self, path: Path) -> RecognizerNetwork: ...


RUNTIMES: dict[str, Callable[[int], Runtime]] = {"openvino": OpenVinoNetworks, "onnxruntime": OnnxRuntimeNetworks}
"""By name, made from the number of threads; whatever they raise when made means that they can't run here."""


def fastest_runtime(threads: int, recognizer: Path, only: str | None = None) -> Runtime:
    """The faster of the installed runtimes. StartupError where there is none.

    only: ``openvino`` or ``onnxruntime``, for comparisons that must not depend on which one won.
    """
    runtimes: list[Runtime] = []
    opened: list[RecognizerNetwork] = []
    reasons: list[str] = []
    for name in RUNTIMES if only is None else (only,):
        try:
            runtime = RUNTIMES[name](threads)
            network = runtime.recognizer(recognizer)
            _read_lines(network)
        except Exception as error:  # a runtime that can't run here is no reason to stop while the other can
            reasons.append(f"{name}: {type(error).__name__} {error}")
        else:
            runtimes.append(runtime)
            opened.append(network)
    if not runtimes:
        raise StartupError(f"Neither OpenVINO nor ONNX Runtime runs the recogniser here ({'; '.join(reasons)}).")
    return runtimes[0] if len(runtimes) == 1 else runtimes[_fastest(opened)]


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
