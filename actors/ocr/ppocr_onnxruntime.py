"""PP-OCR's networks in ONNX Runtime.

The recogniser's file gets two nodes more, which take the likeliest class of each step and its probability, so that
not all 18,710 leave it. For that the package ``onnx`` is not needed: where a Protocol Buffers file holds a message
twice, readers merge the two, so a second graph with the new nodes and outputs is put behind the file's own.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.ocr.ppocr_network import Images, Networks, Steps, normalized, with_blank_and_space
from actors.ocr.ppocr_weights import Weights

SCORES = "fetch_name_0"  # the recogniser's output: probabilities of all classes
INDEX, PROBABILITY = "likeliest", "probability"


class OnnxRuntimeNetworks:
    """Opens the networks with so many threads of this process."""

    name = "onnxruntime"
    precision = "f32"

    def __init__(self, threads: int) -> None:
        self._onnxruntime = importlib.import_module("onnxruntime")
        self._threads = min(threads, os.cpu_count() or 1)
        self.version = f"onnxruntime-{version('onnxruntime')}-{self.precision}"

    def open(self, weights: Weights) -> Networks:
        return Networks(
            f"{weights.family}/{self.version}",
            OnnxRuntimeDetector(self._session(weights.detector.read_bytes())),
            OnnxRuntimeOrientation(self._session(weights.orientation.read_bytes())),
            self.recognizer(weights.recognizer),
        )

    def recognizer(self, path: Path) -> OnnxRuntimeRecognizer:
        return OnnxRuntimeRecognizer(self._session(with_argmax(path.read_bytes())))

    def _session(self, model: bytes) -> Any:
        options = self._onnxruntime.SessionOptions()
        options.log_severity_level = 4  # the newest versions warn of what the wheel's files hold
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        # Without the arena every large tensor is fresh memory from the kernel: up to a quarter of a run.
        provider = ("CPUExecutionProvider", {"arena_extend_strategy": "kSameAsRequested"})
        return self._onnxruntime.InferenceSession(model, options, providers=[provider])


class OnnxRuntimeDetector:
    def __init__(self, session: Any) -> None:
        self._session = session

    def maps(self, pages: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        for batch in pages:
            (probabilities,) = _run(self._session, batch)
            yield probabilities[:, 0]


class OnnxRuntimeOrientation:
    def __init__(self, session: Any) -> None:
        self._session = session

    def flipped(self, lines: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        for batch in lines:
            (probabilities,) = _run(self._session, batch)
            yield probabilities[:, 1]


class OnnxRuntimeRecognizer:
    """One line at a time: several together are not faster, and padded to one width they are more."""

    batch_width = 1
    most_lines = 1

    def __init__(self, session: Any) -> None:
        self._session = session
        self.characters = with_blank_and_space(session.get_modelmeta().custom_metadata_map["character"])

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        for batch in lines:
            indices, probabilities = _run(self._session, batch, [INDEX, PROBABILITY])
            yield Steps(indices.astype(np.int32), probabilities)


def _run(session: Any, batch: Images, outputs: list[str] | None = None) -> list[NDArray[Any]]:
    answers: list[NDArray[Any]] = session.run(outputs, {session.get_inputs()[0].name: normalized(batch)})
    return answers


def with_argmax(model: bytes) -> bytes:
    """The recogniser's file, with INDEX and PROBABILITY for further outputs."""
    nodes = [
        _node("ArgMax", INDEX, _number("axis", -1), _number("keepdims", 0)),
        _node("ReduceMax", PROBABILITY, _numbers("axes", -1), _number("keepdims", 0)),
    ]
    outputs = [_field(12, _field(1, name.encode())) for name in (INDEX, PROBABILITY)]
    return model + _field(7, b"".join([*nodes, *outputs]))


# The fields' numbers are those of onnx.proto: ModelProto.graph, GraphProto.node and .output, NodeProto, AttributeProto.


def _node(kind: str, output: str, *attributes: bytes) -> bytes:
    parts = [_field(1, SCORES.encode()), _field(2, output.encode()), _field(4, kind.encode())]
    return _field(1, b"".join([*parts, *(_field(5, attribute) for attribute in attributes)]))


def _number(name: str, value: int) -> bytes:
    return _field(1, name.encode()) + b"\x18" + _varint(value) + b"\xa0\x01\x02"


def _numbers(name: str, value: int) -> bytes:
    return _field(1, name.encode()) + b"\x40" + _varint(value) + b"\xa0\x01\x07"


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])
