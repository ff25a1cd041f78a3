"""Where the PP-OCRv6 networks run: OpenVINO or ONNX Runtime, whichever is faster on this processor.

Which one that is depends on the processor and on the number of threads, so it is measured at load with the network
that takes nine tenths of the time, the recogniser. The weights come out of the RapidOCR wheel; nothing is downloaded.
"""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cluster.errors import StartupError

Tensor = NDArray[np.float32]

TRIAL_SHAPE = (1, 3, 48, 640)  # a line of middling length
TRIAL_ROUNDS = 4
TRIAL_SECONDS = 0.5  # no further round after it
CLEAR_WIN = 0.9  # of the other's time; a smaller difference is noise, and OpenVINO's detector is a little faster


class Session(Protocol):
    """One loaded network. The tensor it returns is valid until its next call."""

    def __call__(self, input_content: Tensor) -> Tensor: ...

    def get_character_list(self, key: str = "character") -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """One way to run the networks. version: as in ``openvino-2026.4.1-f32``."""

    name: str
    version: str
    open: Callable[[Path], Session]


@dataclass(frozen=True, slots=True)
class Weights:
    """The networks' files, and the name of the family."""

    family: str
    detector: Path
    orientation: Path
    recognizer: Path


def wheel_weights() -> Weights:
    """The weights that lie in the installed RapidOCR wheel. StartupError names the file that is missing."""
    folder = Path(str(importlib.import_module("rapidocr").__file__)).parent / "models"
    weights = Weights(
        "PP-OCRv6-small",
        folder / "PP-OCRv6_det_small.onnx",
        folder / "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
        folder / "PP-OCRv6_rec_small.onnx",
    )
    for path in (weights.detector, weights.orientation, weights.recognizer):
        if not path.is_file():
            raise StartupError(f"The rapidocr package lacks its weights {path.name}; it must be version 3.10.")
    return weights


def fastest_runtime(threads: int, recognizer: Path, only: str | None = None) -> tuple[Runtime, Session]:
    """The faster of the installed runtimes, and the recogniser opened in it. StartupError where there is none.

    only: ``openvino`` or ``onnxruntime``, for comparisons that must not depend on which one won.
    """
    silence_rapidocr()
    opened: list[tuple[Runtime, Session]] = []
    reasons: list[str] = []
    runtimes = {"openvino": _openvino, "onnxruntime": _onnxruntime}
    for make in runtimes.values() if only is None else [runtimes[only]]:
        try:
            runtime = make(threads)
            session = runtime.open(recognizer)
            session(np.zeros(TRIAL_SHAPE, np.float32))
            opened.append((runtime, session))
        except Exception as error:  # a runtime that can't run here is no reason to stop while the other can
            reasons.append(f"{make.__name__.lstrip('_')}: {type(error).__name__} {error}")
    if not opened:
        raise StartupError(f"Neither OpenVINO nor ONNX Runtime runs the recogniser here ({'; '.join(reasons)}).")
    return opened[0] if len(opened) == 1 else opened[_fastest([session for _, session in opened])]


def silence_rapidocr() -> None:
    """RapidOCR logs every model it opens, to its own handler; only what it can't survive should come through."""
    importlib.import_module("rapidocr.utils.log")
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)


def _fastest(sessions: list[Session]) -> int:
    """Which one had the best run over a line. They take turns, so that a busy moment of the machine hits them all."""
    line = np.zeros(TRIAL_SHAPE, np.float32)
    best = [float("inf")] * len(sessions)
    begun = time.perf_counter()
    for _ in range(TRIAL_ROUNDS):
        for index, session in enumerate(sessions):
            start = time.perf_counter()
            session(line)
            best[index] = min(best[index], time.perf_counter() - start)
        if time.perf_counter() - begun > TRIAL_SECONDS:
            break
    winner = best.index(min(best))
    return winner if best[winner] < best[0] * CLEAR_WIN else 0


def _openvino(threads: int) -> Runtime:
    openvino = importlib.import_module("openvino")
    make = importlib.import_module("rapidocr.inference_engine.openvino").OpenVINOInferSession
    # One stream, since a page is waited for. Pinned, the threads of all replicas would share the first cores.
    engine = {
        "inference_num_threads": min(threads, os.cpu_count() or 1),
        "performance_hint": "LATENCY",
        "num_streams": 1,
        "enable_cpu_pinning": False,
    }
    capabilities: list[str] = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    precision = "bf16" if "BF16" in capabilities else "f32"  # OpenVINO's own choice in its default mode
    return Runtime("openvino", f"openvino-{version('openvino')}-{precision}", lambda path: make(_config(path, engine)))


def _onnxruntime(threads: int) -> Runtime:
    make = importlib.import_module("rapidocr.inference_engine.onnxruntime").OrtInferSession
    # Without the arena every large tensor is fresh memory from the kernel: up to a quarter of a run.
    engine = {
        "intra_op_num_threads": min(threads, os.cpu_count() or 1),
        "inter_op_num_threads": 1,
        "enable_cpu_mem_arena": True,
        "cpu_ep_cfg": {"arena_extend_strategy": "kSameAsRequested"},
    }
    return Runtime("onnxruntime", f"onnxruntime-{version('onnxruntime')}-f32", lambda path: make(_config(path, engine)))


def _config(path: Path, engine: dict[str, Any]) -> Any:
    """What RapidOCR's sessions read; an explicit path keeps them from looking for a download."""
    omegaconf = importlib.import_module("omegaconf")
    return omegaconf.OmegaConf.create({"model_path": str(path), "engine_cfg": engine})
