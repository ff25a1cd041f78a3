"""Reads a batch of pages with PP-OCR's networks, wherever they run.

Pages go through the detector one after the other; then the lines of all of them are cut, the upside-down ones turned,
and read together. The classifier of upside-down lines errs now and then, and an upright line read upside down is
rubbish: a line that it takes for other than most of its page is read both ways, and the surer reading counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from actors.ocr.engine import Pixels
from actors.ocr.ordered_pool import Mapped
from actors.ocr.ppocr_detector import Corners, Detector
from actors.ocr.ppocr_line import LineImage, Orientation, cut_line
from actors.ocr.ppocr_network import Networks
from actors.ocr.ppocr_recognizer import ReadLine, Recognizer
from actors.ocr.reading_order import in_reading_order
from cluster.page_text import Line

LEAST_CONFIDENCE = 0.5  # what the recogniser is less sure of is mostly drawings and dirt
WARM_UP_SIZE = (320, 320, 3)


@dataclass(frozen=True, slots=True)
class _Found:
    """A line of one of the pages. doubted: its page's other lines stand the other way."""

    page: int
    image: LineImage
    doubted: bool


class PageReader:
    """mapped: how the work around the networks is done; by default in turn with theirs."""

    def __init__(self, networks: Networks, mapped: Mapped = map) -> None:
        self._mapped = mapped
        self._detector = Detector(networks.detector, mapped)
        self._orientation = Orientation(networks.orientation, mapped)
        self._recognizer = Recognizer(networks.recognizer, mapped)

    def warm_up(self) -> None:
        self.read([np.full(WARM_UP_SIZE, 255, np.uint8)])

    def read(self, pages: Sequence[Pixels]) -> list[list[Line]]:
        """Each page's lines in reading order, coordinates in pixels of the page. pages: uint8 (height, width, 3), RGB.

        Raises what the networks raise; then no page was read.
        """
        found = self._find(pages)
        doubted = [index for index, line in enumerate(found) if line.doubted]
        images = [line.image for line in found] + [found[index].image.flipped() for index in doubted]
        turned: list[int | None] = [None] * len(doubted)
        of_page = [None if line.doubted else line.page for line in found] + turned
        skimmed = self._recognizer.skim(images, of_page)
        for index, other in zip(doubted, range(len(found), len(images)), strict=True):
            if skimmed[other].confidence > skimmed[index].confidence:
                skimmed[index], images[index] = skimmed[other], images[other]
        del skimmed[len(found) :], images[len(found) :]
        read = self._recognizer.read_unsure(images, skimmed)
        lines: list[list[Line]] = [[] for _ in pages]
        for line, image, best in zip(found, images, read, strict=True):
            if best.text.strip() and best.confidence >= LEAST_CONFIDENCE:
                lines[line.page].append(_line(best, image.corners))
        return [in_reading_order(page) for page in lines]

    def _find(self, pages: Sequence[Pixels]) -> list[_Found]:
        """The lines of all pages, turned as the classifier thinks."""
        # The networks were trained on OpenCV's order of colours.
        turned = list(self._mapped(_turned, pages))
        found = zip(turned, self._detector.find(turned), strict=True)
        cut = [(number, image) for number, images in enumerate(self._mapped(_cut, found)) for image in images]
        flipped = self._orientation.is_flipped([image for _, image in cut])
        widths: Counter[tuple[int, bool, bool]] = Counter()
        for (page, image), flip in zip(cut, flipped, strict=True):
            widths[page, image.tall, flip] += image.pixels.shape[1]
        return [
            _Found(
                page,
                image.flipped() if flip else image,
                doubted=widths[page, image.tall, flip] < widths[page, image.tall, not flip],
            )
            for (page, image), flip in zip(cut, flipped, strict=True)
        ]


def _turned(page: Pixels) -> Pixels:
    turned: Pixels = cv2.cvtColor(page, cv2.COLOR_RGB2BGR)
    return turned


def _cut(found: tuple[Pixels, list[Corners]]) -> list[LineImage]:
    page, boxes = found
    return [cut_line(page, corners) for corners in boxes]


def _line(read: ReadLine, corners: Corners) -> Line:
    x, y = corners[:, 0], corners[:, 1]
    bbox = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    quad = tuple(float(value) for value in corners.ravel())
    return Line(read.text, bbox, read.confidence, quad)  # type: ignore[arg-type]  # eight: corners is (4, 2)
