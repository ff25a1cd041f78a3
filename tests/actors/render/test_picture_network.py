"""The picture network in OpenVINO, beside ONNX Runtime's session of the same file."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pymupdf
import pytest

from actors.render.picture_network import PICTURE_NETWORK, PictureNetwork, session_maker

FILE = str(Path(pymupdf.__file__).parent / "layout" / "resources" / "onnx" / f"{PICTURE_NETWORK}1.onnx")


@pytest.fixture(scope="module")
def network() -> PictureNetwork:
    made = session_maker(onnxruntime.InferenceSession, threads=1)(FILE, sess_options=None, providers=None)
    assert isinstance(made, PictureNetwork)
    return made


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(FILE, providers=["CPUExecutionProvider"])


def test_it_says_of_itself_what_the_session_says(
    network: PictureNetwork, session: onnxruntime.InferenceSession
) -> None:
    assert [port.name for port in network.get_inputs()] == [port.name for port in session.get_inputs()]
    assert [port.name for port in network.get_outputs()] == [port.name for port in session.get_outputs()]
    assert network.get_inputs()[0].shape[1:] == tuple(session.get_inputs()[0].shape[1:])


def test_it_answers_as_the_session_does(network: PictureNetwork, session: onnxruntime.InferenceSession) -> None:
    picture = np.random.default_rng(7).random((1, 1, 300, 300), np.float32)
    ours, theirs = network.run(None, {"input": picture}), session.run(None, {"input": picture})
    assert [answer.shape for answer in ours] == [answer.shape for answer in theirs]
    for answer, known in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(answer, known, rtol=1e-3, atol=1e-3)


def test_answers_are_kept_when_the_next_picture_is_run(network: PictureNetwork) -> None:
    first = network.run(None, {"input": np.zeros((1, 1, 300, 300), np.float32)})
    before = [answer.copy() for answer in first]
    network.run(None, {"input": np.ones((1, 1, 300, 300), np.float32)})
    assert all(np.array_equal(kept, was) for kept, was in zip(first, before, strict=True))


def test_what_openvino_raises_is_taken_for_want_of_memory(network: PictureNetwork) -> None:
    with pytest.raises(MemoryError):
        network.run(None, {"input": np.zeros((1, 1, 17, 300), np.float32)})


def test_without_openvino_the_session_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    assert session_maker(onnxruntime.InferenceSession, threads=1) is onnxruntime.InferenceSession
