"""Boxes of lines, out of the detector's map: the post-processing that PP-OCR's detector was trained for.

The map tells of each pixel how likely it belongs to the shrunk core of a line (differentiable binarisation, Liao et al.
2020). What hangs together above a threshold is a core, its smallest rectangle is grown back by what it had been shrunk,
and kept if the network is sure enough of what lies inside. RapidOCR finds the same boxes, in a module that imports what
draws and downloads as well, for which pages would wait when a replica starts anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pyclipper
from numpy.typing import NDArray

Corners = NDArray[np.float32]
"""float32 array (4, 2): x, y of top left, top right, bottom right, bottom left, in pixels of the page image."""

CORE = 0.3  # a pixel above it belongs to a core
SURE = 0.5  # mean over a core's rectangle below which it is none
GROWTH = 1.6  # by which share of its area over its circumference a core is grown
MOST_CORES = 1000  # of a page
LEAST_CORE = 3  # pixels of the map, on the shorter side
LEAST_GROWN = 5
LEAST_SIDE = 3  # pixels of the page

_BRIDGE = np.ones((2, 2), np.uint8)


def line_boxes(likely: NDArray[np.float32], width: int, height: int) -> list[Corners]:
    """The lines of a page of so many pixels, in no order. likely: of all of it, float32 array (rows, columns)."""
    rows, columns = likely.shape
    to_page = np.array([width / columns, height / rows])
    boxes: list[Corners] = []
    for grown in _grown_cores(likely):
        box = np.clip(np.round(grown * to_page), 0, (width, height)).astype(np.int32)
        box = np.clip(_clockwise(box), 0, (width - 1, height - 1)).astype(np.float32)
        if int(np.linalg.norm(box[0] - box[1])) > LEAST_SIDE and int(np.linalg.norm(box[0] - box[3])) > LEAST_SIDE:
            boxes.append(box)
    return boxes


def _grown_cores(likely: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """The corners of each, float32 array (4, 2), in pixels of the map."""
    cores = cv2.dilate((likely > CORE).astype(np.uint8), _BRIDGE)
    contours, _ = cv2.findContours(cores, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours[:MOST_CORES]:
        core, side = _rectangle(contour)
        if side < LEAST_CORE or _mean_inside(likely, core) < SURE:
            continue
        outline = _grown(core)
        if outline is None:
            continue
        grown, side = _rectangle(outline)
        if side >= LEAST_GROWN:
            yield grown


def _rectangle(points: NDArray[np.int32]) -> tuple[NDArray[np.float32], float]:
    """The smallest one around them: its corners, going round, and its shorter side."""
    rectangle = cv2.minAreaRect(points)
    return cv2.boxPoints(rectangle), min(rectangle[1])


def _mean_inside(likely: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    rows, columns = likely.shape
    left, top = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)).astype(int), 0, (columns - 1, rows - 1))
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - np.array((left, top), np.float32)).astype(np.int32)], 1)
    return float(cv2.mean(likely[top : bottom + 1, left : right + 1], inside)[0])


def _grown(core: NDArray[np.float32]) -> NDArray[np.int32] | None:
    """Its outline with round corners; None where nothing is left of it."""
    sides = np.linalg.norm(core - np.roll(core, 1, axis=0), axis=1).astype(float)
    offset = pyclipper.PyclipperOffset()
    offset.AddPath(core, pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    outlines = offset.Execute(_area(core) * GROWTH / sides.sum())
    return np.array(outlines[0], np.int32).reshape(-1, 1, 2) if outlines else None


def _area(corners: NDArray[np.float32]) -> float:
    x, y = corners.astype(float).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def _clockwise(box: NDArray[np.int32]) -> NDArray[np.int32]:
    """From the top left corner on: the upper of the two that are furthest left."""
    by_x = box[np.argsort(box[:, 0])]
    top_left, bottom_left = by_x[:2][np.argsort(by_x[:2, 1])]
    top_right, bottom_right = by_x[2:][np.argsort(by_x[2:, 1])]
    return np.array([top_left, top_right, bottom_right, bottom_left])
