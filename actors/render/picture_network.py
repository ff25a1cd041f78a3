"""The layout model's picture network in OpenVINO, in the place of its session of ONNX Runtime.

It takes most of the model's time, here two thirds of what it takes in ONNX Runtime. In bfloat16 it would be less than
half, but a table was lost so. The model asks a session for names and shapes and has it run; that much of one is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actors.ocr.openvino_package import silent_openvino

PICTURE_NETWORK = "feature_imf"
"""So its file's name begins."""

Session = Callable[..., Any]


class Port(NamedTuple):
    """An input or output. shape: of one picture."""

    name: str
    shape: tuple[int, ...]


def session_maker(session: Session, threads: int) -> Session:
    """Opens the picture network with OpenVINO where that is installed; everything else, and elsewhere, with
    ``session``, the class of ONNX Runtime. threads: for the one."""
    try:
        core = silent_openvino().Core()
    except ImportError:
        return session

    def open_network(path: str, *args: Any, **kwargs: Any) -> Any:
        if Path(path).name.startswith(PICTURE_NETWORK):
            return PictureNetwork(core, path, threads)
        return session(path, *args, **kwargs)

    return open_network


class PictureNetwork:
    """core: of OpenVINO."""

    def __init__(self, core: Any, path: str, threads: int) -> None:
        model = core.read_model(path)
        rows, columns = (size.get_length() for size in list(model.input(0).partial_shape)[2:])
        model.reshape([1, 1, rows, columns])
        config = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self._compiled = core.compile_model(model, "CPU", config)
        self._request = self._compiled.create_infer_request()

    def get_inputs(self) -> list[Port]:
        return [_port(each) for each in self._compiled.inputs]

    def get_outputs(self) -> list[Port]:
        return [_port(each) for each in self._compiled.outputs]

    def run(self, _: Sequence[str] | None, inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """All outputs, in order. MemoryError for whatever OpenVINO raises: it does not tell, and mostly that is it."""
        try:
            answers = self._request.infer(dict(inputs))
        except RuntimeError as error:
            raise MemoryError("OpenVINO could not run the picture network.") from error
        return [np.array(answers[each]) for each in self._compiled.outputs]


def _port(of: Any) -> Port:
    return Port(of.any_name, tuple(of.shape))
