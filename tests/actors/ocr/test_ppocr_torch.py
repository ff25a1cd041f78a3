from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from actors.ocr.ppocr_network import Networks
from actors.ocr.ppocr_onnxruntime import OnnxRuntimeNetworks
from actors.ocr.ppocr_torch import TorchNetworks, likeliest, processor_precision
from actors.ocr.ppocr_weights import wheel_weights
from cluster.errors import StartupError

RANDOM = np.random.default_rng(5)
PAGES = RANDOM.integers(0, 256, (1, 96, 160, 3), np.uint8)
LINES = RANDOM.integers(0, 256, (2, 48, 192, 3), np.uint8)


@pytest.fixture(scope="module")
def reference() -> Networks:
    return OnnxRuntimeNetworks(1).open(wheel_weights())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("converted")


def opened(folder: Path, precision: str) -> Networks:
    return TorchNetworks(1, folder, "cpu", precision).open(wheel_weights())


def test_the_three_networks_say_what_they_say_in_onnx_runtime(reference: Networks, folder: Path) -> None:
    networks = opened(folder, "f32")
    assert networks.recognizer.characters == reference.recognizer.characters
    for got, wanted in zip(networks.detector.maps([PAGES]), reference.detector.maps([PAGES]), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-4)
    for got, wanted in zip(networks.orientation.flipped([LINES]), reference.orientation.flipped([LINES]), strict=True):
        np.testing.assert_allclose(got, wanted, atol=1e-4)
    for steps, known in zip(networks.recognizer.read([LINES]), reference.recognizer.read([LINES]), strict=True):
        np.testing.assert_array_equal(steps.indices, known.indices)
        np.testing.assert_allclose(steps.probabilities, known.probabilities, atol=1e-4)


@pytest.mark.parametrize("precision", ["f16", "bf16"])
def test_half_precision_says_nearly_the_same(reference: Networks, folder: Path, precision: str) -> None:
    networks = opened(folder, precision)
    (got,), (wanted,) = networks.detector.maps([PAGES]), reference.detector.maps([PAGES])
    assert got.dtype == np.float32
    assert np.abs(got - wanted).mean() < 0.02
    (steps,), (known,) = networks.recognizer.read([LINES[:1]]), reference.recognizer.read([LINES[:1]])
    assert steps.indices.dtype == np.int32
    assert steps.probabilities.dtype == np.float32
    assert (steps.indices == known.indices).mean() > 0.9


def test_the_likeliest_class_has_the_probability_that_softmax_gives_it() -> None:
    scores = torch.randn((2, 7, 50), generator=torch.Generator().manual_seed(1)) * 8
    indices, probabilities = likeliest(scores)
    most = torch.softmax(scores, -1).max(-1)
    assert indices.tolist() == most.indices.tolist()
    assert indices.dtype == torch.int32
    torch.testing.assert_close(probabilities, most.values)
    halves = likeliest(scores.half())[1]
    assert halves.dtype == torch.float32
    torch.testing.assert_close(halves, most.values, atol=0.01, rtol=0.02)


def test_devices_and_precisions_that_there_are_not_stop_the_start(folder: Path) -> None:
    with pytest.raises(StartupError, match="tpu"):
        TorchNetworks(1, folder, "tpu")
    with pytest.raises(StartupError, match="f8"):
        TorchNetworks(1, folder, "cpu", "f8")


def test_without_a_gpu_it_runs_on_the_processor(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    networks = TorchNetworks(2, folder)
    assert (networks.device, networks.precision) == ("cpu", processor_precision())
    with pytest.raises(StartupError, match="cuda"):
        TorchNetworks(2, folder, "cuda")


def test_with_a_gpu_it_runs_there_in_half_precision(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    networks = TorchNetworks(2, folder)
    assert (networks.device, networks.precision) == ("cuda", "f16")
    assert networks.version == f"torch-{torch.__version__}-cuda-f16"


@pytest.mark.parametrize(
    ("capabilities", "precision"), [({"avx512_bf16": True}, "bf16"), ({"avx512_bf16": False}, "f32"), ({}, "f32")]
)
def test_a_processor_computes_in_what_it_is_made_for(
    capabilities: dict[str, bool], precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert processor_precision() == precision
