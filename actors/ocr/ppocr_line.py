"""Cuts lines out of a page image and tells the upside-down ones, so that the recogniser sees them from left to right.

The corners turn with the image: the first is the line's own top left in reading direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np

from actors.ocr.engine import Pixels
from actors.ocr.ordered_pool import Mapped
from actors.ocr.ppocr_boxes import Corners
from actors.ocr.ppocr_network import PADDING, Images, OrientationNetwork
from cluster.page_text import Quad

TALL = 1.5  # a line this many times as high as wide runs up or down the page
LINES_AT_ONCE = 6
SURE = 0.9
CLASSIFIER_SIZE = (192, 48)


@dataclass(frozen=True, slots=True)
class LineImage:
    """One line. pixels: uint8 array (height, width, 3), BGR. corners: in pixels of the page image.

    tall: it runs up or down the page, and was turned a quarter.
    """

    pixels: Pixels
    corners: Corners
    tall: bool = False

    def flipped(self) -> LineImage:
        """Turned by 180 degrees."""
        return LineImage(cv2.rotate(self.pixels, cv2.ROTATE_180), np.roll(self.corners, -2, axis=0), self.tall)

    def unturned(self) -> LineImage:
        """A tall one as it lies on the page."""
        pixels = np.ascontiguousarray(np.rot90(self.pixels, -1))
        return LineImage(pixels, np.roll(self.corners, 1, axis=0))

    @property
    def quad(self) -> Quad:
        return tuple(self.corners.ravel().tolist())  # type: ignore[return-value]  # eight: corners is (4, 2)

    @property
    def ratio(self) -> float:
        """Width to height."""
        return float(self.pixels.shape[1] / self.pixels.shape[0])


def cut_line(page: Pixels, corners: Corners) -> LineImage:
    """The part of the page inside ``corners``, laid straight. A tall one is turned a quarter counter-clockwise."""
    width = max(1, int(max(_length(corners, 0, 1), _length(corners, 2, 3))))
    height = max(1, int(max(_length(corners, 0, 3), _length(corners, 1, 2))))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    pixels = cv2.warpPerspective(
        page,
        cv2.getPerspectiveTransform(corners, target),
        (width, height),
        borderMode=cv2.BORDER_REPLICATE,
        flags=cv2.INTER_CUBIC,
    )
    if height < TALL * width:
        return LineImage(pixels, corners)
    return LineImage(np.ascontiguousarray(np.rot90(pixels)), np.roll(corners, -1, axis=0), tall=True)


class Orientation:
    """PP-OCR's classifier of upside-down lines. mapped: how its images are made."""

    def __init__(self, network: OrientationNetwork, mapped: Mapped = map) -> None:
        self._network = network
        self._mapped = mapped

    def flipped(self, lines: Sequence[LineImage]) -> list[float]:
        """For each line how sure the classifier is that it stands on its head, 0 to 1.

        Above SURE it errs in 1 of 50; of the lines that do stand on their heads a third or more stay below.
        """
        groups = (lines[start : start + LINES_AT_ONCE] for start in range(0, len(lines), LINES_AT_ONCE))
        batches = self._mapped(_classified, groups)
        return [sure for sureness in self._network.flipped(batches) for sure in sureness.tolist()]


def line_images(lines: Sequence[Pixels], own: Sequence[int], width: int, height: int) -> Images:
    """(n, height, width, 3): each line at that height and its own width, and grey to its right."""
    images = np.full((len(lines), height, width, 3), PADDING, np.uint8)
    for image, pixels, line_width in zip(images, lines, own, strict=True):
        image[:, :line_width] = cv2.resize(pixels, (line_width, height))
    return images


def _classified(lines: Sequence[LineImage]) -> Images:
    width, height = CLASSIFIER_SIZE
    own = [min(width, max(1, ceil(height * line.ratio))) for line in lines]
    return line_images([line.pixels for line in lines], own, width, height)


def _length(corners: Corners, a: int, b: int) -> float:
    return float(np.linalg.norm(corners[a] - corners[b]))
