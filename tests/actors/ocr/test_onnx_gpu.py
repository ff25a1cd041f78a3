from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from actors.ocr.onnx_gpu import planned_for_gpu
from actors.ocr.onnx_graph import Graph, Step
from actors.ocr.onnx_network import Network

X = torch.randn((2, 4, 6, 8), generator=torch.Generator().manual_seed(3))


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape)))


def convolution(weight: Tensor, *, biased: bool = True, **attributes: Any) -> Graph:
    steps = (Step("Conv", ("x", "weight", "bias")[: 2 + biased], "a", attributes), Step("Relu", ("a",), "y"))
    return Graph("x", "y", steps, {"weight": weight, "bias": drawn(weight.shape[0])})


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(
    ("weight", "attributes", "operator"),
    [
        (drawn(5, 4, 1, 1), {}, "PointConv"),
        (drawn(5, 4, 1, 1), {"strides": [1, 1], "pads": [0, 0, 0, 0], "group": 1, "kernel_shape": [1, 1]}, "PointConv"),
        (drawn(4, 1, 3, 3), {"group": 4, "pads": [1, 1, 1, 1]}, "DepthwiseConv"),
        (drawn(4, 1, 1, 7), {"group": 4, "pads": [0, 3, 0, 3], "strides": [2, 1]}, "DepthwiseConv"),
        (drawn(4, 1, 3, 3), {"group": 4, "pads": [0, 0, 1, 1]}, "Conv"),
        (drawn(5, 4, 1, 1), {"strides": [2, 2]}, "Conv"),
        (drawn(5, 4, 3, 3), {"pads": [1, 1, 1, 1]}, "Conv"),
        (drawn(8, 1, 3, 3), {"group": 4}, "Conv"),
        (drawn(5, 4, 1, 1), {"auto_pad": "SAME_UPPER"}, "Conv"),
    ],
)
def test_the_network_stays_the_same(weight: Tensor, attributes: dict[str, Any], operator: str, biased: bool) -> None:
    original = convolution(weight, biased=biased, **attributes)
    planned = planned_for_gpu(original)
    assert [step.operator for step in planned.steps] == [operator, "Relu"]
    for x in (X, X.contiguous(memory_format=torch.channels_last)):
        torch.testing.assert_close(Network(planned)(x), Network(original)(x), rtol=1e-4, atol=1e-5)


def test_channels_stay_last() -> None:
    planned = planned_for_gpu(convolution(drawn(5, 4, 1, 1)))
    y = Network(planned)(X.contiguous(memory_format=torch.channels_last))
    assert y.is_contiguous(memory_format=torch.channels_last)
