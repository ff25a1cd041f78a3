from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import Tensor

from actors.ocr.onnx_fusion import simplified
from actors.ocr.onnx_graph import Graph, Step
from actors.ocr.onnx_network import Network
from cluster.errors import StartupError

X = torch.randn((2, 4, 6, 8), generator=torch.Generator().manual_seed(3))


def number(value: float) -> Tensor:
    return torch.tensor(value)


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape)))


def graph(constants: dict[str, Tensor], *steps: Step) -> Graph:
    return Graph("x", steps[-1].output, steps, constants)


def operators(graph: Graph) -> list[str]:
    return [step.operator for step in graph.steps]


GELU = (
    {"root": number(sqrt(2)), "one": number(1.0), "half": number(0.5)},
    Step("Div", ("x", "root"), "a"),
    Step("Erf", ("a",), "b"),
    Step("Add", ("b", "one"), "c"),
    Step("Mul", ("x", "c"), "d"),
    Step("Mul", ("d", "half"), "y"),
)
NORM = (
    {"two": number(2.0), "eps": number(1e-3), "scale": drawn(8), "bias": drawn(8)},
    Step("ReduceMean", ("x",), "m", {"axes": [-1]}),
    Step("Sub", ("x", "m"), "d"),
    Step("Pow", ("d", "two"), "s"),
    Step("ReduceMean", ("s",), "v", {"axes": [-1]}),
    Step("Add", ("v", "eps"), "e"),
    Step("Sqrt", ("e",), "r"),
    Step("Div", ("d", "r"), "q"),
    Step("Mul", ("q", "scale"), "p"),
    Step("Add", ("p", "bias"), "y"),
)
PICTURE = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
CASES = {
    "Gelu": graph(*GELU),
    "LayerNorm": graph(*NORM),
    "HardSwish": graph(
        {"three": number(3.0), "zero": number(0.0), "six": number(6.0)},
        Step("Add", ("x", "three"), "a"),
        Step("Clip", ("a", "zero", "six"), "b"),
        Step("Mul", ("x", "b"), "c"),
        Step("Div", ("c", "six"), "y"),
    ),
    "Silu": graph({}, Step("Sigmoid", ("x",), "a"), Step("Mul", ("x", "a"), "y")),
    "Linear": graph(
        {"matrix": drawn(8, 3), "bias": drawn(3)},
        Step("MatMul", ("x", "matrix"), "a"),
        Step("Add", ("a", "bias"), "y"),
    ),
    "Conv": graph(
        {
            "weight": drawn(5, 4, 3, 3),
            "bias": drawn(1, 5, 1, 1),
            "scale": drawn(5),
            "shift": drawn(5) + 1,
            "mean": drawn(5),
            "variance": drawn(5).square() + 0.1,
        },
        Step("Conv", ("x", "weight"), "a", {"pads": [1, 1, 1, 1]}),
        Step("Identity", ("a",), "b"),
        Step("Add", ("b", "bias"), "c"),
        Step("BatchNormalization", ("c", "scale", "shift", "mean", "variance"), "y", {"epsilon": 1e-3}),
    ),
    "Repeat": graph(
        {"roi": torch.tensor([]), "scales": torch.tensor([1.0, 1.0, 2.0, 3.0])},
        Step("Resize", ("x", "roi", "scales"), "y", PICTURE),
    ),
    "ConvTranspose": graph(
        {"weight": drawn(4, 3, 2, 2), "bias": drawn(1, 3, 1, 1)},
        Step("ConvTranspose", ("x", "weight"), "a", {"strides": [2, 2]}),
        Step("Add", ("bias", "a"), "y"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_pattern_becomes_one_step_and_gives_the_same(name: str) -> None:
    original = CASES[name]
    smaller = simplified(original)
    assert operators(smaller) == [name]
    torch.testing.assert_close(Network(smaller)(X), Network(without_identities(original))(X), rtol=1e-4, atol=1e-5)


def without_identities(graph: Graph) -> Graph:
    """With the only operator that is never run itself written as one that is."""
    return Graph(
        graph.input,
        graph.output,
        tuple(
            Step("Reshape", (step.inputs[0], "same"), step.output) if step.operator == "Identity" else step
            for step in graph.steps
        ),
        {**graph.constants, "same": torch.tensor([0, 0, 0, 0])},
    )


@pytest.mark.parametrize(
    ("constants", "steps"),
    [
        ({**GELU[0], "half": number(0.6)}, GELU[1:]),
        ({**GELU[0], "root": number(1.5)}, GELU[1:]),
        ({**NORM[0], "two": number(3.0)}, NORM[1:]),
        ({**NORM[0], "scale": drawn(1, 6, 8)}, NORM[1:]),
        ({"matrix": drawn(8, 3), "bias": drawn(2, 1, 6, 3)}, CASES["Linear"].steps),
        (
            {"weight": drawn(4, 4, 1, 1), "bias": drawn(8)},
            (Step("Conv", ("x", "weight"), "a"), Step("Add", ("a", "bias"), "y")),
        ),
    ],
)
def test_what_only_looks_like_a_pattern_stays(constants: dict[str, Tensor], steps: tuple[Step, ...]) -> None:
    original = graph(constants, *steps)
    smaller = simplified(original)
    assert operators(smaller) == operators(original)
    torch.testing.assert_close(Network(smaller)(X), Network(original)(X), equal_nan=True)


def test_a_convolution_with_other_users_stays_as_it_is() -> None:
    original = graph(
        {"weight": drawn(4, 4, 1, 1), "bias": drawn(1, 4, 1, 1)},
        Step("Conv", ("x", "weight"), "a"),
        Step("Add", ("a", "bias"), "b"),
        Step("Relu", ("a",), "c"),
        Step("Add", ("b", "c"), "y"),
    )
    smaller = simplified(original)
    assert operators(smaller) == operators(original)
    torch.testing.assert_close(Network(smaller)(X), Network(original)(X), equal_nan=True)


def test_what_is_constant_is_worked_out() -> None:
    smaller = simplified(
        graph(
            {"flat": drawn(4), "shape": torch.tensor([1, 4, 1, 1])},
            Step("Constant", (), "two", {"value": number(2.0)}),
            Step("Reshape", ("flat", "shape"), "a"),
            Step("Mul", ("a", "two"), "b"),
            Step("Sub", ("x", "b"), "c"),
            Step("Identity", ("c",), "y"),
        )
    )
    assert operators(smaller) == ["Sub"]
    assert set(smaller.constants) == {"b"}
    torch.testing.assert_close(Network(smaller)(X), X - 2 * drawn(4).reshape(1, 4, 1, 1))


def test_a_resize_that_is_no_repetition_stops_the_start() -> None:
    constants = {"roi": torch.tensor([]), "scales": torch.tensor([1.0, 1.0, 2.0, 3.0])}
    with pytest.raises(StartupError, match="Resize"):
        simplified(graph(constants, Step("Resize", ("x", "roi", "scales"), "y", {**PICTURE, "mode": "linear"})))


def test_an_unknown_operator_stops_the_start() -> None:
    with pytest.raises(StartupError, match="LSTM"):
        simplified(graph({}, Step("LSTM", ("x",), "y")))
