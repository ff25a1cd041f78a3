"""The three networks of the RapidOCR wheel in torch against ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from actors.ocr.onnx_cache import converted
from actors.ocr.onnx_graph import Graph, Step
from actors.ocr.onnx_network import Network
from actors.ocr.ppocr_weights import Weights, wheel_weights

CLOSE = 1e-4
SHAPES = {
    "detector": [(1, 3, 96, 160), (2, 3, 64, 32), (1, 3, 224, 96)],
    "orientation": [(1, 3, 48, 192), (5, 3, 48, 192), (2, 3, 48, 96)],
    "recognizer": [(1, 3, 48, 320), (3, 3, 48, 128), (2, 3, 48, 352)],
}
MOST_STEPS = 200
"""Each network has several times as many before its graph is simplified."""

WAIT_FOR_A_GPU = ("Resize", "Constant", "Identity")
"""They read numbers that would lie on the device, or should be gone."""


@pytest.fixture(scope="module")
def weights() -> Weights:
    return wheel_weights()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("converted")


@pytest.mark.parametrize("name", SHAPES)
def test_gives_what_onnx_runtime_gives_at_every_shape(name: str, weights: Weights, folder: Path) -> None:
    path: Path = getattr(weights, name)
    graph = converted(path, folder)
    assert len(graph.steps) < MOST_STEPS
    assert not [step for step in graph.steps if step.operator in WAIT_FOR_A_GPU]
    network = Network(graph)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    for shape in SHAPES[name]:
        x = random.uniform(-1, 1, shape).astype(np.float32)
        (wanted,) = session.run(None, {graph.input: x})
        for layout in (torch.contiguous_format, torch.channels_last):
            got = network(torch.from_numpy(x).contiguous(memory_format=layout)).numpy()
            assert got.shape == wanted.shape
            assert np.abs(got - wanted).max() < CLOSE


def test_without_its_softmax_a_network_gives_what_went_into_it(weights: Weights, folder: Path) -> None:
    graph = converted(weights.recognizer, folder)
    x = torch.rand((1, 3, 48, 64)) * 2 - 1
    scores = Network(graph.without_softmax())(x)
    torch.testing.assert_close(torch.softmax(scores, -1), Network(graph)(x))
    assert graph.without_softmax().without_softmax() == graph.without_softmax()


def test_half_precision_keeps_shapes_whole(weights: Weights, folder: Path) -> None:
    network = Network(converted(weights.orientation, folder), dtype=torch.bfloat16)
    out = network(torch.zeros((2, 3, 48, 192), dtype=torch.bfloat16))
    assert out.dtype == torch.bfloat16
    assert out.float().sum(-1).tolist() == pytest.approx([1, 1], abs=0.02)


def test_the_input_and_what_others_still_need_are_not_overwritten() -> None:
    steps = (
        Step("Relu", ("x",), "a"),
        Step("Conv", ("a", "weight"), "b"),
        Step("Relu", ("b",), "c"),
        Step("Add", ("b", "c"), "y"),
    )
    network = Network(Graph("x", "y", steps, {"weight": torch.full((1, 1, 1, 1), -1.0)}))
    x = torch.tensor([[[[-3.0, 2.0]]]])
    assert network(x).tolist() == [[[[0.0, -2.0]]]]
    assert x.tolist() == [[[[-3.0, 2.0]]]]


def test_a_value_nobody_needs_any_more_is_let_go() -> None:
    steps = (Step("Relu", ("x",), "a"), Step("Sigmoid", ("a",), "b"), Step("Add", ("a", "b"), "y"))
    network = Network(Graph("x", "y", steps, {}))
    assert [set(call.done_with) for call in network._calls] == [{"x"}, set(), {"a", "b"}]
