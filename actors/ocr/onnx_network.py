"""Runs a network's graph with torch, on whatever device and in whatever precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from actors.ocr.onnx_graph import Graph
from actors.ocr.onnx_operators import IN_PLACE, Operator, operator_of

FRESH = ("Conv", "ConvTranspose", "DepthwiseConv", "PointConv")
"""Whose output is memory of its own, that the next step may overwrite."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One step, ready to run. done_with: values that no later step needs, so that their memory is free for it."""

    operator: Operator
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any]
    done_with: tuple[str, ...]


class Network:
    """device: as torch names it. dtype: of weights, input and output. StartupError: an operator is not understood."""

    def __init__(self, graph: Graph, device: str = "cpu", dtype: torch.dtype = torch.float32) -> None:
        self.device, self.dtype = torch.device(device), dtype
        self._input, self._output = graph.input, graph.output
        self._constants = {name: self._placed(constant) for name, constant in graph.constants.items()}
        self._calls = tuple(self._planned(graph))

    def __call__(self, x: Tensor) -> Tensor:
        """x: on the device, in the network's dtype; best with its channels last in memory."""
        values: dict[str, Tensor | None] = {"": None, self._input: x, **self._constants}
        del x
        with torch.inference_mode():
            for call in self._calls:
                values[call.output] = call.operator(*[values[name] for name in call.inputs], **call.attributes)
                for name in call.done_with:
                    del values[name]
        result = values[self._output]
        assert result is not None
        return result

    def _placed(self, constant: Tensor) -> Tensor:
        """On the device; but shapes, and numbers that go with them, stay where Python reads them."""
        if not constant.is_floating_point():
            return constant
        placed = constant.to(self.device, self.dtype)
        return placed.contiguous(memory_format=torch.channels_last) if placed.ndim == 4 else placed

    def _planned(self, graph: Graph) -> Iterator[_Call]:
        last_use = {name: index for index, step in enumerate(graph.steps) for name in step.inputs}
        kept = {"", graph.output, *graph.constants}
        fresh = {step.output for step in graph.steps if step.operator in FRESH}
        for index, step in enumerate(graph.steps):
            done_with = {name for name in step.inputs if last_use[name] == index} - kept
            operator = operator_of(step)
            if step.operator in IN_PLACE and step.inputs[0] in done_with & fresh:
                operator = IN_PLACE[step.operator]
            yield _Call(operator, step.inputs, step.output, step.attributes, tuple(done_with))
