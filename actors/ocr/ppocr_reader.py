"""Reads a batch of pages with PP-OCR's networks, wherever they run.

Pages go through the detector one after the other; a page that then turns out to lie on its side, upside down or
askew is laid straight and goes through it once more, since lines are found best where they run from left to right.
Then the lines of all pages are cut, the upside-down ones turned, and read together. The classifier of upside-down lines
errs now and then, and an upright line read upside down is rubbish: a line that it takes for other than most of its page
is read both ways, and the surer reading counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from actors.ocr.engine import Pixels
from actors.ocr.laid_page import LaidPage, as_it_came, laid
from actors.ocr.ordered_pool import Mapped
from actors.ocr.page_pose import Pose, pose_of
from actors.ocr.ppocr_detector import Corners, Detector
from actors.ocr.ppocr_line import LineImage, Orientation, cut_line
from actors.ocr.ppocr_network import Networks
from actors.ocr.ppocr_recognizer import ReadLine, Recognizer
from actors.ocr.reading_order import in_reading_order
from cluster.page_text import Line, Quad

LEAST_CONFIDENCE = 0.5  # what the recogniser is less sure of is mostly drawings and dirt
LEAST_SKEW = 1.0  # degrees; lines that are less askew are found as well as straight ones
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
        laid_pages, found = self._find(pages)
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
                lines[line.page].append(_line(best, laid_pages[line.page].on_page(image.corners)))
        return [in_reading_order(page) for page in lines]

    def _find(self, pages: Sequence[Pixels]) -> tuple[list[LaidPage], list[_Found]]:
        """The pages laid as they are read, and the lines of all of them."""
        laid_pages = [as_it_came(page) for page in self._mapped(_turned, pages)]
        found = self._lines(laid_pages)
        poses = [_pose([line.image for line in lines]) for lines in found]
        again = [number for number, pose in enumerate(poses) if pose.turn or abs(pose.skew) >= LEAST_SKEW]
        if again:
            for number in again:
                laid_pages[number] = laid(laid_pages[number], poses[number], LEAST_SKEW)
            for number, lines in zip(again, self._lines([laid_pages[number] for number in again]), strict=True):
                found[number] = [_Found(number, line.image, line.doubted) for line in lines]
        return laid_pages, [line for lines in found for line in lines]

    def _lines(self, pages: Sequence[LaidPage]) -> list[list[_Found]]:
        """Each page's lines, turned as the classifier thinks."""
        found = zip(pages, self._detector.find([page.straight for page in pages]), strict=True)
        cut = [(number, image) for number, images in enumerate(self._mapped(_cut, found)) for image in images]
        flipped = self._orientation.is_flipped([image for _, image in cut])
        widths: Counter[tuple[int, bool, bool]] = Counter()
        for (page, image), flip in zip(cut, flipped, strict=True):
            widths[page, image.tall, flip] += image.pixels.shape[1]
        lines: list[list[_Found]] = [[] for _ in pages]
        for (page, image), flip in zip(cut, flipped, strict=True):
            doubted = widths[page, image.tall, flip] < widths[page, image.tall, not flip]
            lines[page].append(_Found(page, image.flipped() if flip else image, doubted))
        return lines


def _turned(page: Pixels) -> Pixels:
    # The networks were trained on OpenCV's order of colours.
    turned: Pixels = cv2.cvtColor(page, cv2.COLOR_RGB2BGR)
    return turned


def _cut(found: tuple[LaidPage, list[Corners]]) -> list[LineImage]:
    page, boxes = found
    return [cut_line(page.upright, page.on_upright(corners)) for corners in boxes]


def _pose(lines: Sequence[LineImage]) -> Pose:
    return pose_of([_quad(line.corners) for line in lines])


def _line(read: ReadLine, corners: Corners) -> Line:
    x, y = corners[:, 0], corners[:, 1]
    bbox = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    return Line(read.text, bbox, read.confidence, _quad(corners))


def _quad(corners: Corners) -> Quad:
    return tuple(corners.ravel().tolist())  # type: ignore[return-value]  # eight: corners is (4, 2)
