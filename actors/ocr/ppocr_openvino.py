"""PP-OCR's networks in OpenVINO.

Bytes are normalised inside the networks, and the recogniser's softmax over 18,710 classes is replaced by the likeliest
class and its probability, so that hardly anything leaves it. The detector reads a page with all threads, with the next
page prepared meanwhile; the recogniser reads a line with one thread, as many lines at once as there are threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.ocr.openvino_package import silent_openvino
from actors.ocr.ppocr_network import Images, Networks, Steps, with_blank_and_space
from actors.ocr.ppocr_weights import Weights

MEAN, SCALE = 127.5, 127.5


class OpenVinoNetworks:
    """Opens the networks with so many threads of this process.

    precision: ``f32`` or ``bf16``, None for bfloat16 where the processor has it.
    """

    name = "openvino"

    def __init__(self, threads: int, precision: str | None = None) -> None:
        self._core: Any = silent_openvino().Core()
        self._threads = min(threads, os.cpu_count() or 1)
        capabilities: list[str] = self._core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self.precision = precision or ("bf16" if "BF16" in capabilities else "f32")
        self.version = f"openvino-{version('openvino')}-{self.precision}"

    def open(self, weights: Weights) -> Networks:
        """Compiles the three at once: each takes one core."""
        with ThreadPoolExecutor(2) as pool:
            detector = pool.submit(self._compiled, weights.detector, streams=1)
            orientation = pool.submit(self._compiled, weights.orientation, streams=1)
            recognizer = self.recognizer(weights.recognizer)
            return Networks(
                f"{weights.family}/{self.version}",
                OpenVinoDetector(detector.result()),
                OpenVinoOrientation(orientation.result()),
                recognizer,
            )

    def recognizer(self, path: Path) -> OpenVinoRecognizer:
        model = self._core.read_model(path)
        characters = with_blank_and_space(model.get_rt_info(["framework", "character"]).value)
        return OpenVinoRecognizer(self._compile(_with_argmax(model), streams=self._threads), characters)

    def _compiled(self, path: Path, streams: int) -> Any:
        return self._compile(self._core.read_model(path), streams)

    def _compile(self, model: Any, streams: int) -> Any:
        config = {
            "INFERENCE_NUM_THREADS": self._threads,
            "NUM_STREAMS": streams,
            "ENABLE_CPU_PINNING": False,  # pinned, the threads of all replicas would share the first cores
            "INFERENCE_PRECISION_HINT": self.precision,
            "SNIPPETS_MODE": "DISABLE",  # code that is generated for each width of a line, and is no faster
        }
        return self._core.compile_model(_taking_bytes(model), "CPU", config)


class OpenVinoDetector:
    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def maps(self, pages: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        for (probabilities,) in _answers(self._compiled, pages, under_way=2):
            yield probabilities[:, 0]


class OpenVinoOrientation:
    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled

    def flipped(self, lines: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        for (probabilities,) in _answers(self._compiled, lines, under_way=2):
            yield probabilities[:, 1]


class OpenVinoRecognizer:
    """One line at a time in each stream: several together are not faster, and padded to one width they are more."""

    batch_width = 1
    most_lines = 1

    def __init__(self, compiled: Any, characters: tuple[str, ...]) -> None:
        self._compiled = compiled
        self.characters = characters
        self.threads: int = compiled.get_property("INFERENCE_NUM_THREADS")
        self._streams: int = compiled.get_property("NUM_STREAMS")

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        for indices, probabilities in _answers(self._compiled, lines, under_way=self._streams + 1):
            yield Steps(indices, probabilities)


def _answers(compiled: Any, batches: Iterable[Images], under_way: int) -> Iterator[list[NDArray[Any]]]:
    """The outputs of each batch, in order, with so many batches in the network at once. Outputs are copies."""
    idle = [compiled.create_infer_request() for _ in range(under_way)]
    busy: deque[Any] = deque()
    try:
        for batch in batches:
            if not idle:
                request = busy.popleft()
                yield _outputs(request)
                idle.append(request)
            request = idle.pop()
            request.start_async([batch], share_inputs=True)
            busy.append(request)
        while busy:
            yield _outputs(busy.popleft())
    finally:
        for request in busy:  # the network must let go of the batches before they are freed
            request.wait()


def _outputs(request: Any) -> list[NDArray[Any]]:
    request.wait()
    return [np.array(output.data) for output in request.output_tensors]


def _taking_bytes(model: Any) -> Any:
    """The network with bytes (n, height, width, 3) for its input, normalised inside."""
    openvino = silent_openvino()
    from openvino.preprocess import PrePostProcessor

    editor = PrePostProcessor(model)
    editor.input().tensor().set_element_type(openvino.Type.u8).set_layout(openvino.Layout("NHWC"))
    editor.input().model().set_layout(openvino.Layout("NCHW"))
    editor.input().preprocess().convert_element_type(openvino.Type.f32).mean(MEAN).scale(SCALE)
    return editor.build()


def _with_argmax(model: Any) -> Any:
    """The recogniser with the likeliest class of each step and its probability for outputs.

    The greatest of a softmax is 1 / sum(exp(x - max x)), so the softmax itself is never written.
    """
    openvino = silent_openvino()
    from openvino import opset13

    scores = model.output(0).get_node().input_value(0).get_node().input_value(0)
    axis = opset13.constant(np.array([-1], np.int64))
    top = opset13.topk(scores, opset13.constant(1), axis=-1, mode="max", sort="none", index_element_type="i32")
    shifted = opset13.exp(opset13.subtract(scores, top.output(0)))
    total = opset13.reduce_sum(shifted, axis, keep_dims=False)
    probability = opset13.divide(opset13.constant(np.float32(1)), total)
    indices = opset13.squeeze(top.output(1), axis)
    return openvino.Model([indices.output(0), probability.output(0)], model.get_parameters(), "recognizer")
