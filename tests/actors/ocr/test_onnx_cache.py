from __future__ import annotations

import logging
from pathlib import Path

import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from actors.ocr import onnx_cache
from actors.ocr.onnx_cache import converted
from actors.ocr.onnx_graph import Graph
from actors.ocr.onnx_network import Network
from cluster.errors import StartupError


def write(path: Path, factor: float, *, opset: int = 11, outputs: int = 1) -> Path:
    """A network that multiplies its input."""
    constant = numpy_helper.from_array(torch.tensor(factor).numpy(), "factor")
    names = [f"y{index}" for index in range(outputs)]
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], [name]) for name in names],
        "multiply",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n"]) for name in names],
        [constant],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    helper.set_model_props(model, {"character": "a\nb"})
    onnx.save(model, str(path))
    return path


def result(graph: Graph) -> list[float]:
    answer: list[float] = Network(graph)(torch.tensor([1.0, 2.0])).tolist()
    return answer


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write(tmp_path / "net.onnx", 3.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "cache"


def test_the_second_time_it_comes_from_the_folder(weights: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = converted(weights, folder)
    monkeypatch.setattr(onnx_cache, "read_graph", lambda path: pytest.fail("it was converted again"))
    second = converted(weights, folder)
    assert (second.input, second.output, second.steps, second.metadata) == (
        first.input,
        first.output,
        first.steps,
        first.metadata,
    )
    assert second.metadata == {"character": "a\nb"}
    assert result(second) == result(first) == [3.0, 6.0]
    assert len(list(folder.iterdir())) == 1


def test_other_weights_and_another_converter_are_other_entries(
    weights: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted(weights, folder)
    assert result(converted(write(weights, 5.0), folder)) == [5.0, 10.0]
    monkeypatch.setattr(onnx_cache, "CONVERTER", onnx_cache.CONVERTER + 1)
    converted(weights, folder)
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "foreign"])
def test_a_damaged_entry_is_made_anew(weights: Path, folder: Path, harm: str, caplog: pytest.LogCaptureFixture) -> None:
    converted(weights, folder)
    (entry,) = folder.iterdir()
    whole = entry.read_bytes()
    damaged = {
        "cut": whole[: len(whole) // 2],
        "flipped": whole[:300] + bytes([whole[300] ^ 1]) + whole[301:],
        "empty": b"",
        "foreign": b"\xff\xfe something else",
    }
    entry.write_bytes(damaged[harm])
    with caplog.at_level(logging.WARNING):
        assert result(converted(weights, folder)) == [3.0, 6.0]
    assert "damaged" in caplog.text
    assert entry.read_bytes() != damaged[harm]
    caplog.clear()
    converted(weights, folder)
    assert not caplog.records


def test_a_folder_that_cannot_be_written_is_no_failure(
    weights: Path, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.parent.mkdir()
    folder.write_text("a file stands where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert result(converted(weights, folder)) == [3.0, 6.0]
    assert "could not be kept" in caplog.text


def test_a_failed_write_leaves_nothing_behind(weights: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("actors.ocr.cache_folder.os.replace", full)
    assert result(converted(weights, folder)) == [3.0, 6.0]
    assert list(folder.iterdir()) == []


def test_without_onnx_it_says_what_to_install(weights: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr("actors.ocr.onnx_graph.importlib.import_module", missing)
    with pytest.raises(StartupError, match=r"onnx.*pip install gnosis-ocr\[gpu\]"):
        converted(weights, folder)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda path: path.write_bytes(b"no network"), "no ONNX file"),
        (lambda path: write(path, 1.0, opset=17), "version"),
        (lambda path: write(path, 1.0, outputs=2), "2 outputs"),
    ],
    ids=["no file", "newer operators", "two outputs"],
)
def test_a_file_that_is_not_understood_stops_the_start(weights: Path, folder: Path, harm: object, message: str) -> None:
    assert callable(harm)
    harm(weights)
    with pytest.raises(StartupError, match=message):
        converted(weights, folder)
    assert not folder.exists()
