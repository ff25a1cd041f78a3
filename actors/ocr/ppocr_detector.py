"""Finds the lines of pages: PP-OCR's text detector.

A page is scaled so that the network sees a sensible size: not above MOST_SIDE pixels a side or MOST_PIXELS in all,
whichever leaves more (a long strip would otherwise shrink to nothing), and not below LEAST_SIDE on its shorter side
unless that exceeds MOST_PIXELS. So memory is bounded for every shape of page, from 1 x 1 to a till roll.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.ocr.engine import Pixels
from actors.ocr.ordered_pool import Mapped
from actors.ocr.ppocr_boxes import Corners, line_boxes
from actors.ocr.ppocr_network import DetectorNetwork, Images

STEP = 32  # the network's sides are multiples of it
MOST_SIDE = 1984
MOST_PIXELS = 2_500_000
LEAST_SIDE = 736
WIDE = 8  # a page this many times as wide as high is a single line without margins, which the detector overlooks


class Detector:
    """network: takes pages one by one, as they differ in size, and may be a page ahead while boxes are found here.

    mapped: how pages are scaled and boxes found.
    """

    def __init__(self, network: DetectorNetwork, mapped: Mapped = map) -> None:
        self._network = network
        self._mapped = mapped

    def find(self, pages: Sequence[Pixels]) -> Iterator[list[Corners]]:
        """Each page's lines, in no order. pages: uint8 arrays (height, width, 3), BGR."""
        maps = self._network.maps(self._mapped(_scaled, pages))
        return self._mapped(_corners, zip(pages, maps, strict=True))


def _corners(found: tuple[Pixels, NDArray[np.float32]]) -> list[Corners]:
    page, maps = found
    height, width = page.shape[:2]
    margin = line_margin(height, width)
    corners = line_boxes(maps[0], width, height + 2 * margin)
    for box in corners:
        box[:, 1] = np.clip(box[:, 1] - margin, 0, height)
    return corners


def network_size(width: int, height: int) -> tuple[int, int]:
    """Width and height at which the detector sees a page of this size, in pixels."""
    long, short = max(width, height), min(width, height)
    by_area = sqrt(MOST_PIXELS / (width * height))
    scale = min(1.0, max(MOST_SIDE / long, by_area))
    if short * scale < LEAST_SIDE:
        scale = max(scale, min(LEAST_SIDE / short, by_area))
    sides = [max(STEP, round(side * scale / STEP) * STEP) for side in (width, height)]
    # A narrow side that was rounded up must not burst the budget.
    longest = max(STEP, MOST_PIXELS // min(sides) // STEP * STEP)
    return min(sides[0], max(longest, MOST_SIDE)), min(sides[1], max(longest, MOST_SIDE))


def line_margin(height: int, width: int) -> int:
    """Rows to add above and below a page that is but one line."""
    return height if width > WIDE * height or height <= STEP else 0


def _scaled(page: Pixels) -> Images:
    """(1, height, width, 3): the page as the network sees it."""
    margin = line_margin(page.shape[0], page.shape[1])
    if margin:
        page = cv2.copyMakeBorder(page, margin, margin, 0, 0, cv2.BORDER_REPLICATE)
    height, width = page.shape[:2]
    scaled: Images = cv2.resize(page, network_size(width, height))[None]
    return scaled
