"""Makes a network's graph smaller: what is constant is worked out, and steps that torch can do in one are merged.

A rule looks at one step, the last of its pattern, and gives the step that replaces it, or None. What the replaced step
alone had used is then used by nobody and dropped. Done once, in float32, when an ONNX file is converted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import isclose, sqrt

import torch
from torch import Tensor

from actors.ocr.onnx_graph import Graph, Step
from actors.ocr.onnx_operators import operator_of

Rule = Callable[["_Draft", Step], Step | None]


def simplified(graph: Graph) -> Graph:
    """The same network in fewer steps. StartupError names an operator that is not understood."""
    folded = _folded(graph)
    draft = _Draft(folded)
    for step in folded.steps:
        draft.add(step)
    # A merged step may be the last of a pattern again: Conv + Add + BatchNormalization becomes one Conv.
    for name in list(draft.steps):
        while (better := draft.merged(name)) is not None:
            draft.replace(better)
    return draft.graph()


class _Draft:
    """The graph while it is rewritten: steps by their output, in order; the number of users of each value."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.constants = dict(graph.constants)
        self.steps: dict[str, Step] = {}
        self._users: Counter[str] = Counter([graph.output])

    def add(self, step: Step) -> None:
        self.steps[step.output] = step
        self._users.update(step.inputs)

    def merged(self, name: str) -> Step | None:
        step = self.steps.get(name)
        if step is None:
            return None
        return next((better for rule in RULES.get(step.operator, ()) if (better := rule(self, step))), None)

    def replace(self, better: Step) -> None:
        worse = self.steps[better.output]
        self.steps[better.output] = better
        self._users.update(better.inputs)
        self._release(worse)

    def _release(self, step: Step) -> None:
        for name in step.inputs:
            self._users[name] -= 1
            if not self._users[name] and name in self.steps:
                self._release(self.steps.pop(name))

    def made_by(self, name: str, operator: str) -> Step | None:
        """The step that makes the value, where it is this operator."""
        step = self.steps.get(name)
        return step if step is not None and step.operator == operator else None

    def only_for(self, name: str) -> bool:
        """Whether the value has one user."""
        return self._users[name] == 1

    def number(self, name: str) -> float | None:
        """The value, where it is a constant of one number."""
        constant = self.constants.get(name)
        return float(constant) if constant is not None and constant.numel() == 1 else None

    def keep(self, name: str, constant: Tensor) -> str:
        """Adds a constant, and gives its name."""
        self.constants[name] = constant.contiguous()
        return name

    def graph(self) -> Graph:
        names = {name for step in self.steps.values() for name in step.inputs}
        constants = {name: value for name, value in self.constants.items() if name in names}
        return replace(self._graph, steps=tuple(self.steps.values()), constants=constants)


def _folded(graph: Graph) -> Graph:
    """The same without the steps that have no variable input, and without those that change nothing."""
    alias: dict[str, str] = {}
    constants = dict(graph.constants)
    steps = []
    for original in graph.steps:
        step = replace(original, inputs=tuple(alias.get(name, name) for name in original.inputs))
        if step.operator == "Constant":
            constants[step.output] = step.attributes["value"]
        elif step.operator == "Identity":
            alias[step.output] = step.inputs[0]
        elif all(name in constants for name in step.inputs if name):
            inputs = [constants[name] if name else None for name in step.inputs]
            constants[step.output] = operator_of(step)(*inputs, **step.attributes)
        else:
            operator_of(step)  # to know early that there is one
            steps.append(step)
    return replace(graph, output=alias.get(graph.output, graph.output), steps=tuple(steps), constants=constants)


# ---------------------------------------------------------------- rules


def _into_convolution(draft: _Draft, step: Step) -> Step | None:
    """Conv → BatchNormalization, and Conv or ConvTranspose → Add of a number a channel: weights and bias of one."""
    if step.operator == "BatchNormalization":
        before = draft.made_by(step.inputs[0], "Conv")
        if before is None or not draft.only_for(before.output):
            return None
        scale, shift, mean, variance = (draft.constants[name] for name in step.inputs[1:])
        factor = scale / torch.sqrt(variance + step.attributes.get("epsilon", 1e-5))
        weight = draft.constants[before.inputs[1]] * factor.reshape(-1, 1, 1, 1)
        bias = shift - mean * factor
        if len(before.inputs) == 3:
            bias = bias + draft.constants[before.inputs[2]] * factor
        weight_name = draft.keep(f"{step.output}.weight", weight)
    else:
        value, constant = _with_constant(draft, step)
        before = draft.made_by(value, "Conv") or draft.made_by(value, "ConvTranspose")
        if before is None or constant is None or not draft.only_for(value) or len(before.inputs) != 2:
            return None
        if constant.ndim != 4 or constant.numel() != constant.shape[1]:
            return None
        weight_name, bias = before.inputs[1], constant.flatten()
    inputs = (before.inputs[0], weight_name, draft.keep(f"{step.output}.bias", bias))
    return Step(before.operator, inputs, step.output, before.attributes)


def _linear(draft: _Draft, step: Step) -> Step | None:
    """MatMul with a matrix → Add of a vector."""
    value, bias = _with_constant(draft, step)
    product = draft.made_by(value, "MatMul")
    matrix = draft.constants.get(product.inputs[1]) if product is not None else None
    if product is None or matrix is None or bias is None or not draft.only_for(value):
        return None
    if matrix.ndim != 2 or bias.shape != matrix.shape[1:]:
        return None
    weight = draft.keep(f"{step.output}.weight", matrix.T)
    return Step("Linear", (product.inputs[0], weight, draft.keep(f"{step.output}.bias", bias)), step.output)


def _gelu(draft: _Draft, step: Step) -> Step | None:
    """x · (1 + erf(x / √2)) · ½."""
    product = draft.made_by(_with_number(draft, step, 0.5), "Mul")
    if product is None:
        return None
    for x, other in (product.inputs, product.inputs[::-1]):
        sum_ = draft.made_by(other, "Add")
        erf = draft.made_by(_with_number(draft, sum_, 1.0), "Erf") if sum_ is not None else None
        quotient = draft.made_by(erf.inputs[0], "Div") if erf is not None else None
        if quotient is not None and quotient.inputs[0] == x and _is(draft, quotient.inputs[1], sqrt(2)):
            return Step("Gelu", (x,), step.output)
    return None


def _silu(draft: _Draft, step: Step) -> Step | None:
    """x · sigmoid(x)."""
    for x, other in (step.inputs, step.inputs[::-1]):
        sigmoid = draft.made_by(other, "Sigmoid")
        if sigmoid is not None and sigmoid.inputs[0] == x:
            return Step("Silu", (x,), step.output)
    return None


def _hard_swish(draft: _Draft, step: Step) -> Step | None:
    """x · clip(x + 3, 0, 6) / 6."""
    product = draft.made_by(step.inputs[0], "Mul") if _is(draft, step.inputs[1], 6.0) else None
    if product is None:
        return None
    for x, other in (product.inputs, product.inputs[::-1]):
        clip = draft.made_by(other, "Clip")
        if clip is None or [draft.number(name) for name in clip.inputs[1:]] != [0.0, 6.0]:
            continue
        sum_ = draft.made_by(clip.inputs[0], "Add")
        if sum_ is not None and _with_number(draft, sum_, 3.0) == x:
            return Step("HardSwish", (x,), step.output)
    return None


def _layer_norm(draft: _Draft, step: Step) -> Step | None:
    """d / √(mean(d²) + ε) · scale + bias over the last axis, where d = x - mean(x)."""
    value, bias = _with_constant(draft, step)
    product = draft.made_by(value, "Mul")
    value, scale = _with_constant(draft, product) if product is not None else ("", None)
    quotient = draft.made_by(value, "Div")
    root = draft.made_by(quotient.inputs[1], "Sqrt") if quotient is not None else None
    sum_ = draft.made_by(root.inputs[0], "Add") if root is not None else None
    epsilon = draft.number(sum_.inputs[1]) if sum_ is not None else None
    variance = draft.made_by(sum_.inputs[0], "ReduceMean") if sum_ is not None else None
    square = draft.made_by(variance.inputs[0], "Pow") if variance is not None else None
    difference = draft.made_by(square.inputs[0], "Sub") if square is not None else None
    mean = draft.made_by(difference.inputs[1], "ReduceMean") if difference is not None else None
    if product is None or quotient is None or square is None or variance is None or difference is None or mean is None:
        return None
    over_last = all(entry.attributes.get("axes") == [-1] for entry in (mean, variance))
    same = quotient.inputs[0] == square.inputs[0] and mean.inputs[0] == difference.inputs[0]
    if not (over_last and same and _is(draft, square.inputs[1], 2.0)) or epsilon is None:
        return None
    if scale is None or bias is None or scale.ndim != 1 or scale.shape != bias.shape:
        return None
    inputs = (
        mean.inputs[0],
        draft.keep(f"{step.output}.scale", scale),
        draft.keep(f"{step.output}.bias", bias),
    )
    return Step("LayerNorm", inputs, step.output, {"epsilon": epsilon})


def _with_constant(draft: _Draft, step: Step) -> tuple[str, Tensor | None]:
    """Of an Add or a Mul: the variable's name, and the constant."""
    x, y = step.inputs
    return (x, draft.constants[y]) if y in draft.constants else (y, draft.constants.get(x))


def _with_number(draft: _Draft, step: Step, number: float) -> str:
    """Of an Add or a Mul with this number: the name of what it is added to; "" where it is another."""
    value, constant = _with_constant(draft, step)
    same = constant is not None and constant.numel() == 1 and isclose(float(constant), number, rel_tol=1e-6)
    return value if same else ""


def _is(draft: _Draft, name: str, number: float) -> bool:
    value = draft.number(name)
    return value is not None and isclose(value, number, rel_tol=1e-6)


RULES: dict[str, tuple[Rule, ...]] = {
    "Add": (_into_convolution, _linear, _layer_norm),
    "BatchNormalization": (_into_convolution,),
    "Div": (_hard_swish,),
    "Mul": (_gelu, _silu),
}
