"""The convolutions and pools of PP-OCR's networks in torch: ONNX's, and those that several steps are merged into."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from cluster.errors import StartupError


def conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Tensor:
    top, left, bottom, right = _pads(x, weight.shape[2:], strides, dilations, auto_pad, pads)
    if (top, left) != (bottom, right):
        x, top, left = functional.pad(x, (left, right, top, bottom)), 0, 0
    return functional.conv2d(x, weight, bias, tuple(strides), (top, left), tuple(dilations), group)


def conv_activated(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    activation: str,
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Tensor:
    """activation: as oneDNN names it."""
    sizes = _even("Conv", pads), tuple(strides), tuple(dilations), group
    algorithm = "none" if activation == "gelu" else ""  # the exact one
    return torch.ops.mkldnn._convolution_pointwise(x, weight, bias, *sizes, activation, [], algorithm)


def point_conv_added(x: Tensor, weight: Tensor, bias: Tensor | None, other: Tensor) -> Tensor:
    """A Conv of one pixel, and what is added to it."""
    sizes = (0, 0), (1, 1), (1, 1), 1
    if other.shape != (x.shape[0], weight.shape[0], *x.shape[2:]):
        return functional.conv2d(x, weight, bias) + other
    return torch.ops.mkldnn._convolution_pointwise.binary(x, other, weight, bias, *sizes, "add", 1, None, [], None)


def point_conv(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """A Conv of one pixel as a matrix product; best, and channels last again, where channels are last."""
    return functional.linear(x.permute(0, 2, 3, 1), weight[:, :, 0, 0], bias).permute(0, 3, 1, 2)


def depthwise_conv(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Tensor:
    """A Conv within each channel, by torch's own kernel on a GPU."""
    sizes = tuple(strides), _even("Conv", pads), tuple(dilations)
    if not x.is_cuda:
        return functional.conv2d(x, weight, bias, *sizes, group)
    kernel = tuple(weight.shape[2:])
    convolved: Tensor = torch.ops.aten._conv_depthwise2d(x.contiguous(), weight.contiguous(), kernel, bias, *sizes)
    return convolved.contiguous(memory_format=torch.channels_last)


def conv_transpose(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    dilations: Sequence[int] = (1, 1),
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Tensor:
    padding = _even("ConvTranspose", pads)
    return functional.conv_transpose2d(
        x, weight, bias, tuple(strides), padding, groups=group, dilation=tuple(dilations)
    )


def max_pool(
    x: Tensor,
    *,
    kernel_shape: Sequence[int],
    auto_pad: str = "NOTSET",
    ceil_mode: int = 0,
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Tensor:
    top, left, bottom, right = _pads(x, kernel_shape, strides, (1, 1), auto_pad, pads)
    if any((top, left, bottom, right)):
        x = functional.pad(x, (left, right, top, bottom), value=float("-inf"))
    if tuple(kernel_shape) == (2, 2) and tuple(strides) == (1, 1):
        # torch's own is ten times slower than this on the CPU where channels are last.
        x = torch.maximum(x[:, :, :-1], x[:, :, 1:])
        return torch.maximum(x[..., :-1], x[..., 1:])
    return functional.max_pool2d(x, tuple(kernel_shape), tuple(strides), ceil_mode=bool(ceil_mode))


def average_pool(
    x: Tensor,
    *,
    kernel_shape: Sequence[int],
    ceil_mode: int = 0,
    count_include_pad: int = 0,
    pads: Sequence[int] = (0, 0, 0, 0),
    strides: Sequence[int] = (1, 1),
) -> Tensor:
    padding = _even("AveragePool", pads)
    return functional.avg_pool2d(
        x, tuple(kernel_shape), tuple(strides), padding, bool(ceil_mode), bool(count_include_pad)
    )


def global_average_pool(x: Tensor) -> Tensor:
    return x.mean((2, 3), keepdim=True)


def _pads(
    x: Tensor,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    auto_pad: str,
    pads: Sequence[int],
) -> tuple[int, ...]:
    """Rows above, columns to the left, rows below, columns to the right."""
    if auto_pad in ("NOTSET", "VALID"):
        return tuple(pads) if auto_pad == "NOTSET" else (0, 0, 0, 0)
    if auto_pad != "SAME_UPPER":
        raise StartupError(f"The padding {auto_pad} of an ONNX operator is not understood.")
    before, after = [], []
    for size, length, stride, dilation in zip(x.shape[2:], kernel, strides, dilations, strict=True):
        total = max(0, (-(-size // stride) - 1) * stride + (length - 1) * dilation + 1 - size)
        before.append(total // 2)
        after.append(total - total // 2)
    return (*before, *after)


def _even(operator: str, pads: Sequence[int]) -> tuple[int, int]:
    """Rows above and below, columns left and right."""
    top, left, bottom, right = pads
    if (top, left) != (bottom, right):
        raise StartupError(f"{operator} with the uneven padding {list(pads)} is not understood.")
    return top, left
