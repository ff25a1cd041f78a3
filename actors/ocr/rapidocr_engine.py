"""The engine ``rapidocr``: PP-OCRv6 from the RapidOCR wheel, on the processor.

A page goes detector → cut lines → turn the upside-down ones → recogniser, a page at a time: on a processor nothing is
gained by reading lines of several pages at once. The classifier of upside-down lines errs now and then, and an upright
line read upside down is rubbish: a line that it takes for other than most of its page is read both ways, and the surer
reading counts. RapidOCR's own top-level class is not used: it scales a page twice
and forgets one of the two scales, refuses long strips, reads from the scaled-down page, and downloads what it misses.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version

import cv2
import numpy as np

from actors.ocr.engine import BatchLimits, Capabilities, PageImage, Pixels
from actors.ocr.ppocr_detector import Corners, Detector
from actors.ocr.ppocr_line import LineImage, Orientation, cut_line
from actors.ocr.ppocr_recognizer import ReadLine, Recognizer
from actors.ocr.ppocr_runtime import fastest_runtime, wheel_weights
from actors.ocr.reading_order import in_reading_order, upright_turn
from cluster.errors import EngineFailed, EngineOutOfMemory, PageError, StartupError
from cluster.page_text import Line, PageText

LEAST_CONFIDENCE = 0.5  # what the recogniser is less sure of is mostly drawings and dirt
WARM_UP_SIZE = (320, 320, 3)
MOST_DETAIL = 500


class RapidOcrEngine:
    """threads: how many processor cores the replica was given. runtime: which one to use, None for the faster."""

    name = "rapidocr"
    capabilities = Capabilities(languages=("en", "zh", "ja"))

    def __init__(self, *, threads: int, limits: BatchLimits, runtime: str | None = None) -> None:
        if threads < 1:
            raise StartupError(f"The engine rapidocr needs at least 1 thread, not {threads}.")
        self.version = version("rapidocr")
        self.limits = limits
        self._threads = threads
        self._runtime = runtime
        self._models: tuple[Detector, Orientation, Recognizer] | None = None

    def load(self) -> None:
        weights = wheel_weights()
        cv2.setNumThreads(self._threads)
        runtime, recognizer = fastest_runtime(self._threads, weights.recognizer, self._runtime)
        detector, orientation = runtime.open(weights.detector), runtime.open(weights.orientation)
        self._models = (Detector(detector), Orientation(orientation), Recognizer(recognizer))
        self.version = f"{version('rapidocr')}/{weights.family}/{runtime.version}"
        self._read(np.full(WARM_UP_SIZE, 255, np.uint8))

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        return [self._answer(page) for page in batch]

    def _answer(self, page: PageImage) -> PageText | PageError:
        try:
            return self._read(page.pixels)
        except Exception as error:
            cause = _root(error)
            if isinstance(cause, MemoryError) or (isinstance(cause, cv2.error) and cause.code == cv2.Error.StsNoMem):
                return EngineOutOfMemory(f"The engine ran out of memory on a page of shape {page.pixels.shape}.")
            return EngineFailed(f"The engine could not read the page: {type(cause).__name__} {cause}"[:MOST_DETAIL])

    def _read(self, pixels: Pixels) -> PageText:
        if self._models is None:
            raise RuntimeError("the engine is not loaded")
        detector, orientation, recognizer = self._models
        start = time.perf_counter()
        page = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)  # the networks were trained on OpenCV's order of colours
        images = [cut_line(page, corners) for corners in detector.find(page)]
        lines = [
            _line(read, image.corners)
            for read, image in _read_lines(images, orientation.is_flipped(images), recognizer)
            if read.text.strip() and read.confidence >= LEAST_CONFIDENCE
        ]
        ordered = in_reading_order(lines)
        return PageText(
            text="\n".join(line.text for line in ordered),
            lines=tuple(ordered),
            engine=self.name,
            engine_version=self.version,
            rotation=upright_turn(ordered),
            confidence=_mean_confidence(ordered),
            duration_ms=round((time.perf_counter() - start) * 1000),
        )


def _root(error: BaseException) -> BaseException:
    """What RapidOCR's sessions wrapped."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _read_lines(
    images: list[LineImage], flipped: list[bool], recognizer: Recognizer
) -> Iterator[tuple[ReadLine, LineImage]]:
    """What stands on each line, and the line as it was read. flipped: what the classifier thinks."""
    widths: Counter[tuple[bool, bool]] = Counter()
    for image, flip in zip(images, flipped, strict=True):
        widths[image.tall, flip] += image.pixels.shape[1]
    for image, flip in zip(images, flipped, strict=True):
        chosen = image.flipped() if flip else image
        best = recognizer.read(chosen), chosen
        if widths[image.tall, flip] < widths[image.tall, not flip]:
            other = chosen.flipped()
            best = max(best, (recognizer.read(other), other), key=lambda entry: entry[0].confidence)
        yield best


def _line(read: ReadLine, corners: Corners) -> Line:
    x, y = corners[:, 0], corners[:, 1]
    bbox = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    quad = tuple(float(value) for value in corners.ravel())
    return Line(read.text, bbox, read.confidence, quad)  # type: ignore[arg-type]  # eight: corners is (4, 2)


def _mean_confidence(lines: list[Line]) -> float | None:
    """Over characters; None for a page without any."""
    characters = sum(len(line.text) for line in lines)
    return round(sum(line.confidence * len(line.text) for line in lines) / characters, 4) if characters else None
