"""The networks in both runtimes: the same answers as the files' own, in order, and no harm from what goes wrong."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from actors.ocr.ppocr_network import Images, Networks, normalized
from actors.ocr.ppocr_openvino import OpenVinoNetworks
from actors.ocr.ppocr_runtime import RUNTIMES
from actors.ocr.ppocr_weights import wheel_weights


@pytest.fixture(scope="module", params=["openvino-f32", "onnxruntime"])
def networks(request: pytest.FixtureRequest) -> Networks:
    return RUNTIMES[request.param](2).open(wheel_weights())


def noise(*shape: int) -> Images:
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


def output_of(path: object, images: Images) -> NDArray[np.float32]:
    """Of the file as it is, in ONNX Runtime."""
    onnxruntime = importlib.import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    output: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: normalized(images)})[0]
    return output


def test_the_recogniser_tells_the_likeliest_character_of_each_step(networks: Networks) -> None:
    batches = [noise(1, 48, 320, 3), noise(2, 48, 128, 3), noise(1, 48, 640, 3), noise(1, 48, 64, 3)]
    for batch, steps in zip(batches, networks.recognizer.read(batches), strict=True):
        scores = output_of(wheel_weights().recognizer, batch)
        assert steps.indices.dtype == np.int32
        assert steps.probabilities.dtype == np.float32
        assert steps.indices.shape == steps.probabilities.shape == (len(batch), batch.shape[2] // 8)
        assert np.array_equal(steps.indices, scores.argmax(2))
        assert np.allclose(steps.probabilities, scores.max(2), atol=1e-4)


def test_the_detector_maps_pages_of_different_sizes(networks: Networks) -> None:
    pages = [noise(1, 64, 96, 3), noise(1, 96, 64, 3), noise(1, 64, 64, 3), noise(1, 96, 64, 3)]
    for page, maps in zip(pages, networks.detector.maps(pages), strict=True):
        assert maps.shape == page.shape[:3]
        assert np.allclose(maps, output_of(wheel_weights().detector, page)[:, 0], atol=1e-4)


def test_the_classifier_tells_how_sure_it_is(networks: Networks) -> None:
    lines = [noise(6, 48, 192, 3), noise(1, 48, 192, 3)]
    for batch, sureness in zip(lines, networks.orientation.flipped(lines), strict=True):
        assert sureness.shape == (len(batch),)
        assert np.allclose(sureness, output_of(wheel_weights().orientation, batch)[:, 1], atol=1e-4)


def test_characters_go_by_the_index_that_the_network_gives(networks: Networks) -> None:
    characters = networks.recognizer.characters
    assert len(characters) == output_of(wheel_weights().recognizer, noise(1, 48, 64, 3)).shape[2]
    assert characters[0] == ""
    assert characters[-1] == " "
    assert {"a", "Z", "7", "é", "中"} <= set(characters)


def test_after_a_batch_that_can_not_be_made_the_network_still_reads(networks: Networks) -> None:
    def lines() -> Iterator[Images]:
        yield noise(1, 48, 320, 3)
        yield noise(1, 48, 320, 3)
        raise MemoryError

    with pytest.raises(MemoryError):
        list(networks.recognizer.read(lines()))
    (steps,) = networks.recognizer.read([noise(1, 48, 320, 3)])
    assert steps.indices.shape == (1, 40)


def test_a_network_never_takes_more_threads_than_it_was_given() -> None:
    for threads in (1, 2):
        recognizer = OpenVinoNetworks(threads).recognizer(wheel_weights().recognizer)
        assert recognizer.threads == threads
