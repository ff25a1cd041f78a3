"""A network as a list of steps: what is read out of an ONNX file, simplified, cached and run by torch.

Its values have names. Constants are float32 where they are weights and integers where they are shapes; a step makes one
value out of others. The steps are in an order in which they can run.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cluster.errors import StartupError

OPSET = 11
"""The version of ONNX's operators that is understood: the one PP-OCR's networks are written in."""

INSTALL = "pip install gnosis-ocr[gpu]"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation. operator: ONNX's name for it, or one of onnx_operators' own.

    inputs: names of values, "" for an optional one that is left out. attributes: numbers, texts, lists of them.
    """

    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graph:
    """input, output: the names of the values that go in and come out. metadata: as it stands in the file."""

    input: str
    output: str
    steps: tuple[Step, ...]
    constants: dict[str, Tensor]
    metadata: dict[str, str] = field(default_factory=dict)

    def without_softmax(self) -> Graph:
        """The same, ending with the scores that went into its last softmax, or itself where it ends otherwise."""
        last = next(step for step in self.steps if step.output == self.output)
        if last.operator != "Softmax":
            return self
        steps = tuple(step for step in self.steps if step is not last)
        return replace(self, output=last.inputs[0], steps=steps)


def read_graph(path: Path) -> Graph:
    """The network in an ONNX file. StartupError: the package onnx is missing, or the file is not what it should be."""
    try:
        onnx = importlib.import_module("onnx")
    except ImportError as error:
        raise StartupError(f"To convert {path.name} for torch the package onnx is needed: {INSTALL}.") from error
    try:
        model = onnx.load(str(path))
    except Exception as error:  # protobuf's own errors have no common class
        raise StartupError(f"{path.name} is no ONNX file that can be read: {type(error).__name__} {error}") from error
    versions = {entry.domain: entry.version for entry in model.opset_import}
    if versions != {"": OPSET}:
        raise StartupError(f"{path.name} uses operators of version {versions}; only version {OPSET} is understood.")
    graph = model.graph
    constants = {entry.name: _tensor(onnx, entry) for entry in graph.initializer}
    inputs = [entry.name for entry in graph.input if entry.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise StartupError(f"{path.name} has {len(inputs)} inputs and {len(graph.output)} outputs, not one of each.")
    return Graph(
        input=inputs[0],
        output=graph.output[0].name,
        steps=tuple(_step(onnx, node) for node in graph.node),
        constants=constants,
        metadata={entry.key: entry.value for entry in model.metadata_props},
    )


def _step(onnx: Any, node: Any) -> Step:
    if len(node.output) != 1:
        raise StartupError(f"The operator {node.op_type} with {len(node.output)} outputs is not understood.")
    attributes = {entry.name: _value(onnx, entry) for entry in node.attribute}
    return Step(node.op_type, tuple(node.input), node.output[0], attributes)


def _value(onnx: Any, attribute: Any) -> Any:
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, onnx.TensorProto):
        return _tensor(onnx, value)
    return value if isinstance(value, int | float) else list(value)


def _tensor(onnx: Any, stored: Any) -> Tensor:
    return torch.tensor(onnx.numpy_helper.to_array(stored))
