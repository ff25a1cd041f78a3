"""Each operator against ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray
from onnx import helper

from actors.ocr.onnx_graph import OPSET, Step
from actors.ocr.onnx_operators import DTYPES, IN_PLACE, OPERATORS, operator_of
from cluster.errors import StartupError

OUR_OWN = {
    *("ConvActivated", "DepthwiseConv", "Gelu", "HardSwish", "LayerNorm", "Linear"),
    *("PointConv", "PointConvAdded", "Repeat", "Silu"),
}
"""Not ONNX's: tested with the rules that make them (test_onnx_fusion.py, test_onnx_onednn.py, test_onnx_gpu.py)."""

RANDOM = np.random.default_rng(7)


def drawn(*shape: int) -> NDArray[np.float32]:
    return RANDOM.uniform(-2, 2, shape).astype(np.float32)


def whole(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


def scalar(number: float) -> NDArray[np.float32]:
    return np.array(number, np.float32)


X = drawn(2, 4, 7, 10)
SAME = {"auto_pad": "SAME_UPPER"}
PICTURE = {"coordinate_transformation_mode": "asymmetric", "mode": "nearest", "nearest_mode": "floor"}

CASES: list[tuple[str, list[NDArray[Any] | None], dict[str, Any]]] = [
    ("Add", [X, drawn(1, 4, 1, 1)], {}),
    (
        "AveragePool",
        [
            X,
        ],
        {"kernel_shape": [3, 2], "strides": [3, 2], "pads": [0, 0, 0, 0]},
    ),
    (
        "AveragePool",
        [
            X,
        ],
        {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "count_include_pad": 0},
    ),
    ("BatchNormalization", [X, drawn(4), drawn(4), drawn(4), drawn(4) ** 2], {"epsilon": 1e-4}),
    ("Cast", [X * 3], {"to": 7}),
    ("Cast", [whole(3, -4)], {"to": 1}),
    ("Clip", [X, scalar(-1), scalar(0.5)], {}),
    ("Clip", [X, None, scalar(0.5)], {}),
    ("Concat", [X, drawn(2, 1, 7, 10)], {"axis": 1}),
    ("Concat", [whole(3), whole(4, 5)], {"axis": -1}),
    ("Conv", [X, drawn(6, 4, 3, 3)], {"pads": [1, 1, 1, 1], "strides": [2, 2], "kernel_shape": [3, 3]}),
    ("Conv", [X, drawn(6, 4, 3, 3), drawn(6)], {"pads": [0, 1, 2, 0], "strides": [2, 1], "kernel_shape": [3, 3]}),
    ("Conv", [X, drawn(6, 4, 2, 2)], {**SAME, "kernel_shape": [2, 2]}),
    ("Conv", [X, drawn(6, 4, 3, 2)], {**SAME, "kernel_shape": [3, 2], "strides": [2, 3]}),
    ("Conv", [X, drawn(6, 4, 3, 2)], {"auto_pad": "VALID", "kernel_shape": [3, 2]}),
    ("Conv", [X, drawn(4, 1, 1, 7)], {"group": 4, "pads": [0, 3, 0, 3], "kernel_shape": [1, 7]}),
    ("ConvTranspose", [X, drawn(4, 3, 2, 2)], {"strides": [2, 2], "kernel_shape": [2, 2]}),
    ("ConvTranspose", [X, drawn(4, 3, 3, 3), drawn(3)], {"pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}),
    ("Div", [X, drawn(10) + 4], {}),
    ("Div", [whole(7, -7), whole(2, 2)], {}),
    ("Erf", [X], {}),
    ("GlobalAveragePool", [X], {}),
    ("HardSigmoid", [X * 3], {"alpha": 1 / 6, "beta": 0.5}),
    ("MatMul", [drawn(2, 3, 5), drawn(5, 4)], {}),
    ("MatMul", [drawn(2, 3, 4, 5), drawn(2, 3, 5, 4)], {}),
    ("MaxPool", [X], {**SAME, "kernel_shape": [2, 2]}),
    ("MaxPool", [X], {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 0, 0]}),
    ("MaxPool", [X], {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 0}),
    ("Mul", [X, drawn(2, 4, 1, 1)], {}),
    ("Pow", [X, scalar(2)], {}),
    ("ReduceMean", [X], {"axes": [2, 3], "keepdims": 1}),
    ("ReduceMean", [X], {"axes": [-1], "keepdims": 0}),
    ("ReduceMean", [X], {}),
    ("Relu", [X], {}),
    ("Reshape", [X, whole(0, -1, 10)], {}),
    ("Reshape", [whole(5), np.array([], np.int64)], {}),
    ("Resize", [X, np.array([], np.float32), np.array([1, 1, 2, 4], np.float32)], PICTURE),
    ("Shape", [X], {}),
    ("Sigmoid", [X], {}),
    ("Slice", [X, whole(1, 0), whole(100, -2), whole(3, 2), whole(2, 1)], {}),
    ("Slice", [X, whole(0), whole(1)], {}),
    ("Softmax", [X], {"axis": 3}),
    ("Softmax", [X], {}),
    ("Sqrt", [X**2], {}),
    ("Squeeze", [drawn(1, 3, 1, 2)], {"axes": [0, -2]}),
    ("Squeeze", [drawn(1, 3, 1, 2)], {}),
    ("Sub", [X, drawn(4, 1, 10)], {}),
    ("Transpose", [X], {"perm": [2, 0, 3, 1]}),
    ("Transpose", [X], {}),
    ("Unsqueeze", [drawn(3, 2)], {"axes": [0, -1]}),
]


def reference(operator: str, inputs: list[NDArray[Any] | None], attributes: dict[str, Any]) -> NDArray[Any]:
    names = ["" if value is None else f"in{index}" for index, value in enumerate(inputs)]
    given = [(name, np.asarray(value)) for name, value in zip(names, inputs, strict=True) if value is not None]
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["out"], **attributes)],
        operator,
        [numpy_info(name, value) for name, value in given],
        [helper.make_empty_tensor_value_info("out")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=7)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (result,) = session.run(None, dict(given))
    return np.asarray(result)


def numpy_info(name: str, value: NDArray[Any]) -> Any:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)


def torch_of(value: NDArray[Any] | None) -> torch.Tensor | None:
    return None if value is None else torch.tensor(value)


@pytest.mark.parametrize(("operator", "inputs", "attributes"), CASES, ids=[case[0] for case in CASES])
def test_gives_what_onnx_runtime_gives(
    operator: str, inputs: list[NDArray[Any] | None], attributes: dict[str, Any]
) -> None:
    step = Step(operator, tuple("x" for _ in inputs), "y", attributes)
    got = operator_of(step)(*[torch_of(value) for value in inputs], **attributes)
    wanted = reference(operator, inputs, attributes)
    assert got.shape == wanted.shape
    assert got.numpy().dtype == wanted.dtype
    np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-4, atol=1e-5)


def test_every_operator_has_a_case() -> None:
    assert {operator for operator, _, _ in CASES} | OUR_OWN == set(OPERATORS)
    assert set(IN_PLACE) < set(OPERATORS)


@pytest.mark.parametrize("number", DTYPES)
def test_the_numbers_of_types_are_those_of_onnx(number: int) -> None:
    assert torch.tensor(np.zeros(1, helper.tensor_dtype_to_np_dtype(number))).dtype == DTYPES[number]


def test_an_unknown_operator_is_named() -> None:
    with pytest.raises(StartupError, match="Einsum"):
        operator_of(Step("Einsum", ("x",), "y"))


def test_an_unknown_attribute_is_named() -> None:
    with pytest.raises(StartupError, match=r"MaxPool.*dilations"):
        operator_of(Step("MaxPool", ("x",), "y", {"kernel_shape": [2, 2], "dilations": [2, 2]}))


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes"),
    [
        ("Conv", [X, drawn(6, 4, 2, 2)], {"auto_pad": "SAME_LOWER"}),
        ("ConvTranspose", [X, drawn(4, 3, 2, 2)], {"pads": [0, 0, 1, 1]}),
        ("AveragePool", [X], {"kernel_shape": [2, 2], "pads": [0, 0, 1, 1]}),
        ("Slice", [X, whole(-1), whole(0), whole(3), whole(-1)], {}),
        ("Cast", [X], {"to": 8}),
        ("Resize", [X, np.array([], np.float32), np.array([1, 1, 2, 2], np.float32)], {**PICTURE, "mode": "linear"}),
        ("Resize", [X, np.array([], np.float32), np.array([1, 1, 1.5, 2], np.float32)], PICTURE),
    ],
    ids=["Conv", "ConvTranspose", "AveragePool", "Slice", "Cast", "Resize", "Resize"],
)
def test_what_is_not_understood_is_refused(
    operator: str, inputs: list[NDArray[Any]], attributes: dict[str, Any]
) -> None:
    step = Step(operator, tuple("x" for _ in inputs), "y", attributes)
    with pytest.raises(StartupError, match=operator if operator != "Conv" else "SAME_LOWER"):
        operator_of(step)(*[torch_of(value) for value in inputs], **attributes)
