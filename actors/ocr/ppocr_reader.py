"""Reads a batch of pages with PP-OCR's networks, wherever they run.

Pages go through the detector one after the other; a page that then turns out to lie on its side, upside down or askew
is laid straight and goes through it once more, since lines are found best where they run from left to right. Then the
lines of all pages are cut and read together. A line that may stand otherwise than most of its page is read in every way
in which it may, and the surest reading counts: one that the classifier takes for upside down, since it errs now and
then and an upright line read upside down is rubbish; one that runs up or down the page; a single narrow letter, which
looks like one of these. Columns of Chinese and Japanese are read on their backs and in a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from actors.ocr.believed_text import ReadPage, believed
from actors.ocr.column_line import as_in_columns, is_written_in_columns, standing
from actors.ocr.engine import Pixels
from actors.ocr.laid_page import LaidPage, as_it_came, laid
from actors.ocr.ordered_pool import Mapped
from actors.ocr.page_paper import plain_share
from actors.ocr.page_pose import turn_of
from actors.ocr.ppocr_boxes import Corners
from actors.ocr.ppocr_detector import Detector
from actors.ocr.ppocr_line import SURE, LineImage, Orientation, cut_line
from actors.ocr.ppocr_network import Networks
from actors.ocr.ppocr_pose import STANDING, PoseJudge, SeenLine
from actors.ocr.ppocr_recognizer import ReadLine, Recognizer
from actors.ocr.reading_order import in_reading_order
from actors.ocr.unread_scripts import unread_scripts
from cluster.page_text import Line

LEAST_SKEW = 1.0  # degrees; lines that are less askew are found as well as straight ones
AS_SURE = 0.05  # by how much a column in a row may be less sure: it has the small signs as well
LETTER = 3.0  # a tall line less high than that times its width may be a narrow letter or two
WARM_UP_SIZE = (320, 320, 3)


@dataclass(frozen=True, slots=True)
class _Found:
    """A line of one of the pages, in all ways in which it may have to be read."""

    page: int
    ways: list[LineImage]


class PageReader:
    """mapped: how the work around the networks is done; by default in turn with theirs."""

    def __init__(self, networks: Networks, mapped: Mapped = map) -> None:
        self._mapped = mapped
        self._detector = Detector(networks.detector, mapped)
        self._orientation = Orientation(networks.orientation, mapped)
        self._recognizer = Recognizer(networks.recognizer, mapped)
        self._judge = PoseJudge(self._recognizer)

    def warm_up(self) -> None:
        self.read([np.full(WARM_UP_SIZE, 255, np.uint8)])

    def read(self, pages: Sequence[Pixels], languages: Sequence[Sequence[str]] | None = None) -> list[ReadPage]:
        """Each page's lines in reading order, coordinates in pixels of the page. pages: uint8 (height, width, 3), RGB.

        languages: what each is written in, as its user says. Raises what the networks raise; then no page was read.
        """
        scripts = ["" for _ in pages] if languages is None else list(map(unread_scripts, languages))
        read = [
            believed(lines, partial(plain_share, page), told)
            for page, lines, told in zip(pages, self.found(pages), scripts, strict=True)
        ]
        return [replace(page, lines=in_reading_order(page.lines)) for page in read]

    def found(self, pages: Sequence[Pixels]) -> list[list[Line]]:
        """All that was taken for a line, and what the recogniser says of it: nothing, rubbish or text. In no order."""
        laid_pages, found = self._find(pages)
        images = [line.ways[0] for line in found]
        doubted = [(index, way) for index, line in enumerate(found) for way in line.ways[1:]]
        of_page = [line.page if len(line.ways) == 1 else None for line in found]
        skimmed = self._recognizer.skim(images + [way for _, way in doubted], of_page + [None] * len(doubted))
        for (index, way), other in zip(doubted, skimmed[len(found) :], strict=True):
            if other.confidence > skimmed[index].confidence:
                skimmed[index], images[index] = other, way
        read = self._recognizer.read_unsure(images, skimmed[: len(found)])
        self._read_columns(images, read)
        lines: list[list[Line]] = [[] for _ in pages]
        for line, image, best in zip(found, images, read, strict=True):
            lines[line.page].append(_line(best, laid_pages[line.page].on_page(image.corners)))
        return lines

    def _find(self, pages: Sequence[Pixels]) -> tuple[list[LaidPage], list[_Found]]:
        """The pages laid as they are read, and the lines of all of them."""
        laid_pages = [as_it_came(page) for page in self._mapped(_turned, pages)]
        seen = self._seen(laid_pages)
        poses = self._judge.poses(seen)
        again = [number for number, pose in enumerate(poses) if pose.turn or abs(pose.skew) >= LEAST_SKEW]
        if again:
            for number in again:
                corners = np.concatenate([line.image.corners for line in seen[number]])
                laid_pages[number] = laid(laid_pages[number], poses[number], LEAST_SKEW, corners)
            for number, lines in zip(again, self._seen([laid_pages[number] for number in again]), strict=True):
                seen[number] = lines
        return laid_pages, [line for number, lines in enumerate(seen) for line in _found(number, lines)]

    def _seen(self, pages: Sequence[LaidPage]) -> list[list[SeenLine]]:
        """Each page's lines."""
        found = zip(pages, self._detector.find([page.straight for page in pages]), strict=True)
        cut = [(number, image) for number, images in enumerate(self._mapped(_cut, found)) for image in images]
        flipped = self._orientation.flipped([image for _, image in cut])
        seen: list[list[SeenLine]] = [[] for _ in pages]
        for (page, image), sure in zip(cut, flipped, strict=True):
            seen[page].append(SeenLine(image, sure))
        return seen

    def _read_columns(self, images: list[LineImage], read: list[ReadLine]) -> None:
        """Reads columns of standing characters in a row as well, and puts that in the place of what is less sure."""
        columns = [
            index
            for index, line in enumerate(read)
            if images[index].tall and turn_of(images[index].quad) == 270 and is_written_in_columns(line.text)
        ]
        rows = [standing(images[index]) for index in columns]
        for index, row, line in zip(columns, rows, self._recognizer.skim(rows, [None] * len(rows)), strict=True):
            if line.confidence >= STANDING:
                images[index] = row
                if line.confidence >= read[index].confidence - AS_SURE:
                    read[index] = replace(line, text=as_in_columns(line.text))


def _turned(page: Pixels) -> Pixels:
    # The networks were trained on OpenCV's order of colours.
    turned: Pixels = cv2.cvtColor(page, cv2.COLOR_RGB2BGR)
    return turned


def _cut(found: tuple[LaidPage, list[Corners]]) -> list[LineImage]:
    page, boxes = found
    return [cut_line(page.upright, page.on_upright(corners)) for corners in boxes]


def _found(page: int, lines: Sequence[SeenLine]) -> list[_Found]:
    """The lines of a page that is laid as it is read: most of them stand."""
    length = {tall: sum(line.length for line in lines if line.image.tall is tall) for tall in (False, True)}
    in_columns = length[True] > length[False]
    return [_Found(page, _ways(line, in_columns)) for line in lines]


def _ways(line: SeenLine, in_columns: bool) -> list[LineImage]:
    """in_columns: most lines of the page are."""
    ways = [line.image]
    if line.flipped > SURE or (line.image.tall and not in_columns):
        ways.append(line.image.flipped())
    if line.image.tall and line.image.ratio < LETTER and not in_columns:
        ways.insert(0, line.image.unturned())
    return ways


def _line(read: ReadLine, corners: Corners) -> Line:
    x, y = corners[:, 0], corners[:, 1]
    bbox = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    return Line(read.text, bbox, read.confidence, tuple(corners.ravel().tolist()))  # type: ignore[arg-type]  # eight
