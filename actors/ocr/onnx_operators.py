"""The operators of PP-OCR's networks in torch: ONNX's of version 11, and the few that several are merged into.

Each takes its inputs in ONNX's order and its attributes by name. Shapes are integer tensors, and they stay on the CPU
wherever the network runs, so that a reshape never waits for the device.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from actors.ocr.onnx_convolutions import (
    average_pool,
    conv,
    conv_activated,
    conv_transpose,
    depthwise_conv,
    global_average_pool,
    max_pool,
    point_conv,
    point_conv_added,
)
from actors.ocr.onnx_graph import Step
from cluster.errors import StartupError

Operator = Callable[..., Tensor]

DTYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64}
"""ONNX's numbers of the types that a Cast may name."""


def operator_of(step: Step) -> Operator:
    """The function that runs it. StartupError names what is not understood: the operator or its attributes."""
    operator = OPERATORS.get(step.operator)
    if operator is None:
        raise StartupError(f"The ONNX operator {step.operator} is not among those that can be converted for torch.")
    try:
        inspect.signature(operator).bind(*step.inputs, **step.attributes)
    except TypeError as error:
        raise StartupError(f"The ONNX operator {step.operator} can't be converted for torch: {error}.") from error
    return operator


# ---------------------------------------------------------------- numbers


def _of_one(function: Operator) -> Operator:
    def operator(x: Tensor) -> Tensor:
        return function(x)

    return operator


def _of_two(function: Operator) -> Operator:
    def operator(x: Tensor, y: Tensor) -> Tensor:
        return function(x, y)

    return operator


def _batch_normalization(
    x: Tensor,
    scale: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
) -> Tensor:
    return functional.batch_norm(x, mean, variance, scale, bias, training=False, eps=epsilon)


def _hard_sigmoid(x: Tensor, *, alpha: float = 0.2, beta: float = 0.5) -> Tensor:
    return torch.clamp(x * alpha + beta, 0, 1)


def _softmax(x: Tensor, *, axis: int = 1) -> Tensor:
    """In version 11: over all axes from this one on, taken as one."""
    axis %= x.ndim
    if axis == x.ndim - 1:
        return torch.softmax(x, -1)
    return torch.softmax(x.flatten(axis), -1).reshape(x.shape)


def _clip(x: Tensor, least: Tensor | None = None, most: Tensor | None = None) -> Tensor:
    return torch.clamp(x, least, most)


def _reduce_mean(x: Tensor, *, axes: Sequence[int] | None = None, keepdims: int = 1) -> Tensor:
    return x.mean(tuple(range(x.ndim)) if axes is None else tuple(axes), keepdim=bool(keepdims))


def _divide(x: Tensor, y: Tensor) -> Tensor:
    return torch.div(x, y, rounding_mode=None if x.is_floating_point() else "trunc")


def _layer_norm(x: Tensor, scale: Tensor, bias: Tensor, *, epsilon: float) -> Tensor:
    """Over the last axis; in float32 inside, which a sum of squares in half precision would need."""
    return functional.layer_norm(x, (x.shape[-1],), scale, bias, epsilon)


def _linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """weight: (outputs, inputs)."""
    return functional.linear(x, weight, bias)


# ---------------------------------------------------------------- shapes


def _shape(x: Tensor) -> Tensor:
    return torch.tensor(x.shape)


def _reshape(x: Tensor, shape: Tensor) -> Tensor:
    return x.reshape([x.shape[axis] if size == 0 else size for axis, size in enumerate(shape.tolist())])


def _transpose(x: Tensor, *, perm: Sequence[int] | None = None) -> Tensor:
    return x.permute(tuple(reversed(range(x.ndim))) if perm is None else tuple(perm))


def _squeeze(x: Tensor, *, axes: Sequence[int] | None = None) -> Tensor:
    return x.squeeze() if axes is None else x.squeeze(tuple(axes))


def _unsqueeze(x: Tensor, *, axes: Sequence[int]) -> Tensor:
    rank = x.ndim + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _concat(*parts: Tensor, axis: int) -> Tensor:
    return torch.cat(parts, axis)


def _slice(x: Tensor, starts: Tensor, ends: Tensor, axes: Tensor | None = None, steps: Tensor | None = None) -> Tensor:
    parts = [slice(None)] * x.ndim
    first, last = starts.tolist(), ends.tolist()
    strides = [1] * len(first) if steps is None else steps.tolist()
    if min(strides) < 1:
        raise StartupError("Slice with a step backwards is not understood.")
    for axis, *bounds in zip(range(len(first)) if axes is None else axes.tolist(), first, last, strides, strict=True):
        parts[axis] = slice(*bounds)
    return x[tuple(parts)]


def _cast(x: Tensor, *, to: int) -> Tensor:
    if to not in DTYPES:
        raise StartupError(f"Cast to ONNX's type {to} is not understood.")
    # A network in half precision has no other floating type in it.
    return x if x.is_floating_point() and DTYPES[to].is_floating_point else x.to(DTYPES[to])


def _resize(
    x: Tensor,
    roi: Tensor | None,
    scales: Tensor,
    *,
    coordinate_transformation_mode: str = "half_pixel",
    mode: str = "nearest",
    nearest_mode: str = "round_prefer_floor",
) -> Tensor:
    """Each pixel repeated: the only one of Resize's many ways that these networks go."""
    way = (coordinate_transformation_mode, mode, nearest_mode)
    batch, channels, height, width = (float(scale) for scale in scales.tolist())
    whole = height.is_integer() and width.is_integer()
    if way != ("asymmetric", "nearest", "floor") or (batch, channels) != (1, 1) or not whole:
        raise StartupError(f"Resize by {way} and {scales.tolist()} is not understood.")
    return _repeat(x, height=int(height), width=int(width))


def _repeat(x: Tensor, *, height: int, width: int) -> Tensor:
    """Each pixel so many times."""
    return functional.interpolate(x, scale_factor=(float(height), float(width)), mode="nearest")


IN_PLACE: dict[str, Operator] = {"Relu": torch.relu_}
"""What may overwrite its input, where nobody else needs it and it is no view."""

OPERATORS: dict[str, Operator] = {
    "Add": _of_two(torch.add),
    "AveragePool": average_pool,
    "BatchNormalization": _batch_normalization,
    "Cast": _cast,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Div": _divide,
    "Erf": _of_one(torch.erf),
    "GlobalAveragePool": global_average_pool,
    "HardSigmoid": _hard_sigmoid,
    "MatMul": _of_two(torch.matmul),
    "MaxPool": max_pool,
    "Mul": _of_two(torch.mul),
    "Pow": _of_two(torch.pow),
    "ReduceMean": _reduce_mean,
    "Relu": _of_one(torch.relu),
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": _shape,
    "Sigmoid": _of_one(torch.sigmoid),
    "Slice": _slice,
    "Softmax": _softmax,
    "Sqrt": _of_one(torch.sqrt),
    "Squeeze": _squeeze,
    "Sub": _of_two(torch.sub),
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    # Our own, which several of ONNX's are merged into (onnx_fusion.py, onnx_onednn.py) or which stand for one
    # (onnx_gpu.py):
    "ConvActivated": conv_activated,
    "DepthwiseConv": depthwise_conv,
    "Gelu": _of_one(functional.gelu),
    "HardSwish": _of_one(functional.hardswish),
    "LayerNorm": _layer_norm,
    "Linear": _linear,
    "PointConv": point_conv,
    "PointConvAdded": point_conv_added,
    "Repeat": _repeat,
    "Silu": _of_one(functional.silu),
}
