from __future__ import annotations

import pytest
import torch
from torch import Tensor

from actors.ocr import onnx_onednn
from actors.ocr.onnx_graph import Graph, Step
from actors.ocr.onnx_network import Network
from actors.ocr.onnx_onednn import ACTIVATIONS, fused_for_cpu

pytestmark = pytest.mark.skipif(not onnx_onednn._is_there(), reason="torch has no oneDNN here")

X = torch.randn((2, 4, 6, 8), generator=torch.Generator().manual_seed(3))


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape)))


def operators(graph: Graph) -> list[str]:
    return [step.operator for step in graph.steps]


def same(fused: Graph, original: Graph) -> None:
    torch.testing.assert_close(Network(fused)(X), Network(original)(X), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("biased", [False, True])
def test_an_activation_is_done_by_the_convolution_before_it(activation: str, biased: bool) -> None:
    convolution = Step("Conv", ("x", "weight", "bias")[: 2 + biased], "a", {"pads": [1, 2, 1, 2], "strides": [2, 1]})
    steps = (convolution, Step(activation, ("a",), "y"))
    original = Graph("x", "y", steps, {"weight": drawn(5, 4, 3, 3), "bias": drawn(5)})
    fused = fused_for_cpu(original)
    assert operators(fused) == ["ConvActivated"]
    same(fused, original)


@pytest.mark.parametrize("other_first", [False, True])
def test_an_addition_is_done_by_the_convolution_before_it(other_first: bool) -> None:
    steps = (
        Step("Relu", ("x",), "o"),
        Step("Conv", ("x", "weight"), "a"),
        Step("Add", ("o", "a") if other_first else ("a", "o"), "y"),
    )
    original = Graph("x", "y", steps, {"weight": drawn(4, 4, 1, 1)})
    fused = fused_for_cpu(original)
    assert operators(fused) == ["Relu", "PointConvAdded"]
    same(fused, original)


def test_what_is_spread_over_a_convolution_is_added_all_the_same() -> None:
    steps = (
        Step("GlobalAveragePool", ("x",), "o"),
        Step("Conv", ("x", "weight", "bias"), "a"),
        Step("Add", ("a", "o"), "y"),
    )
    original = Graph("x", "y", steps, {"weight": drawn(4, 4, 1, 1), "bias": drawn(4)})
    fused = fused_for_cpu(original)
    assert operators(fused) == ["GlobalAveragePool", "PointConvAdded"]
    same(fused, original)


@pytest.mark.parametrize(
    ("weight", "attributes", "steps"),
    [
        ((4, 4, 2, 2), {"auto_pad": "SAME_UPPER"}, (Step("Relu", ("a",), "y"),)),
        ((4, 4, 2, 2), {"pads": [0, 0, 1, 1]}, (Step("Relu", ("a",), "y"),)),
        ((4, 4, 3, 3), {"pads": [1, 1, 1, 1]}, (Step("Add", ("a", "x"), "y"),)),
        ((4, 2, 1, 1), {"group": 2}, (Step("Add", ("a", "x"), "y"),)),
        ((4, 4, 1, 1), {}, (Step("Relu", ("a",), "b"), Step("Add", ("a", "b"), "y"))),
    ],
    ids=["padded as it needs", "padded unevenly", "of several pixels", "in groups", "used twice"],
)
def test_other_convolutions_stay(
    weight: tuple[int, ...], attributes: dict[str, object], steps: tuple[Step, ...]
) -> None:
    original = Graph("x", "y", (Step("Conv", ("x", "weight"), "a", attributes), *steps), {"weight": drawn(*weight)})
    fused = fused_for_cpu(original)
    assert operators(fused) == operators(original)
    same(fused, original)


def test_without_onednn_the_graph_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_onednn, "_is_there", lambda dtype: False)
    original = Graph("x", "y", (Step("Conv", ("x", "weight"), "a"), Step("Relu", ("a",), "y")), {})
    assert fused_for_cpu(original) is original
