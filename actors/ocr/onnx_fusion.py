"""Makes a network's graph smaller: what is constant is worked out, and steps that torch can do in one are merged.

Done once, in float32, when an ONNX file is converted.
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import torch

from actors.ocr.onnx_draft import Draft, Rules, rewritten
from actors.ocr.onnx_graph import Graph, Step
from actors.ocr.onnx_operators import operator_of


def simplified(graph: Graph) -> Graph:
    """The same network in fewer steps. StartupError names an operator that is not understood."""
    return rewritten(_folded(graph), RULES)


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


def _into_convolution(draft: Draft, step: Step) -> Step | None:
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
        value, constant = draft.with_constant(step)
        before = draft.made_by(value, "Conv") or draft.made_by(value, "ConvTranspose")
        if before is None or constant is None or not draft.only_for(value) or len(before.inputs) != 2:
            return None
        if constant.ndim != 4 or constant.numel() != constant.shape[1]:
            return None
        weight_name, bias = before.inputs[1], constant.flatten()
    inputs = (before.inputs[0], weight_name, draft.keep(f"{step.output}.bias", bias))
    return Step(before.operator, inputs, step.output, before.attributes)


def _linear(draft: Draft, step: Step) -> Step | None:
    """MatMul with a matrix → Add of a vector."""
    value, bias = draft.with_constant(step)
    product = draft.made_by(value, "MatMul")
    matrix = draft.constants.get(product.inputs[1]) if product is not None else None
    if product is None or matrix is None or bias is None or not draft.only_for(value):
        return None
    if matrix.ndim != 2 or bias.shape != matrix.shape[1:]:
        return None
    weight = draft.keep(f"{step.output}.weight", matrix.T)
    return Step("Linear", (product.inputs[0], weight, draft.keep(f"{step.output}.bias", bias)), step.output)


def _gelu(draft: Draft, step: Step) -> Step | None:
    """x · (1 + erf(x / √2)) · ½."""
    product = draft.made_by(draft.with_number(step, 0.5), "Mul")
    if product is None:
        return None
    for x, other in (product.inputs, product.inputs[::-1]):
        sum_ = draft.made_by(other, "Add")
        erf = draft.made_by(draft.with_number(sum_, 1.0), "Erf") if sum_ is not None else None
        quotient = draft.made_by(erf.inputs[0], "Div") if erf is not None else None
        if quotient is not None and quotient.inputs[0] == x and draft.holds(quotient.inputs[1], sqrt(2)):
            return Step("Gelu", (x,), step.output)
    return None


def _silu(draft: Draft, step: Step) -> Step | None:
    """x · sigmoid(x)."""
    for x, other in (step.inputs, step.inputs[::-1]):
        sigmoid = draft.made_by(other, "Sigmoid")
        if sigmoid is not None and sigmoid.inputs[0] == x:
            return Step("Silu", (x,), step.output)
    return None


def _hard_swish(draft: Draft, step: Step) -> Step | None:
    """x · clip(x + 3, 0, 6) / 6."""
    product = draft.made_by(step.inputs[0], "Mul") if draft.holds(step.inputs[1], 6.0) else None
    if product is None:
        return None
    for x, other in (product.inputs, product.inputs[::-1]):
        clip = draft.made_by(other, "Clip")
        if clip is None or [draft.number(name) for name in clip.inputs[1:]] != [0.0, 6.0]:
            continue
        sum_ = draft.made_by(clip.inputs[0], "Add")
        if sum_ is not None and draft.with_number(sum_, 3.0) == x:
            return Step("HardSwish", (x,), step.output)
    return None


def _layer_norm(draft: Draft, step: Step) -> Step | None:
    """d / √(mean(d²) + ε) · scale + bias over the last axis, where d = x - mean(x)."""
    value, bias = draft.with_constant(step)
    product = draft.made_by(value, "Mul")
    value, scale = draft.with_constant(product) if product is not None else ("", None)
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
    if not (over_last and same and draft.holds(square.inputs[1], 2.0)) or epsilon is None:
        return None
    if scale is None or bias is None or scale.ndim != 1 or scale.shape != bias.shape:
        return None
    inputs = (
        mean.inputs[0],
        draft.keep(f"{step.output}.scale", scale),
        draft.keep(f"{step.output}.bias", bias),
    )
    return Step("LayerNorm", inputs, step.output, {"epsilon": epsilon})


def _repeat(draft: Draft, step: Step) -> Step | None:
    """Resize by constants: with its scales on a GPU, every pass would wait until they are read back."""
    scales = draft.constants.get(step.inputs[2])
    if scales is None:
        return None
    # The operator itself refuses what is no repetition of pixels.
    operator_of(step)(torch.zeros((1, 1, 1, 1)), None, scales, **step.attributes)
    height, width = (int(scale) for scale in scales[2:].tolist())
    return Step("Repeat", (step.inputs[0],), step.output, {"height": height, "width": width})


RULES: Rules = {
    "Add": (_into_convolution, _linear, _layer_norm),
    "BatchNormalization": (_into_convolution,),
    "Div": (_hard_swish,),
    "Mul": (_gelu, _silu),
    "Resize": (_repeat,),
}
