"""A page laid as it is read: turned upright, and straightened for the detector.

A quarter turn moves pixels and loses nothing. Straightening blurs a little, so lines are found on the straightened page
and cut out of the upright one.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.ocr.engine import Pixels
from actors.ocr.page_pose import Pose
from actors.ocr.ppocr_boxes import Corners

EDGE_SAMPLE = 16  # every so many-th pixel of a page tells the colour of its paper
AROUND = 0.08  # of the page's longer side: what a straightened page keeps around the lines that were found


@dataclass(frozen=True, slots=True)
class LaidPage:
    """upright: what lines are cut from, BGR. straight: what the detector sees.

    back: float64 array (2, 3), from coordinates on ``straight`` to those on ``upright``. size: width and height of the
    page as it came.
    """

    upright: Pixels
    straight: Pixels
    back: NDArray[np.float64] | None
    turn: int
    size: tuple[int, int]

    def on_upright(self, corners: Corners) -> Corners:
        """Of what was found on the straightened page."""
        if self.back is None:
            return corners
        height, width = self.upright.shape[:2]
        moved = corners @ self.back[:, :2].T + self.back[:, 2]
        return np.clip(moved, 0, (width, height)).astype(np.float32)

    def on_page(self, corners: Corners) -> Corners:
        """Of what lies on the upright page, in pixels of the page as it came."""
        return _turned_back(corners, self.turn, self.size)


def as_it_came(page: Pixels) -> LaidPage:
    """page: BGR."""
    return LaidPage(page, page, None, 0, (page.shape[1], page.shape[0]))


def laid(page: LaidPage, pose: Pose, least_skew: float, found: Corners) -> LaidPage:
    """page: as it came. found: float32 (n, 2), the corners of the lines on it. A smaller skew is left."""
    upright = np.ascontiguousarray(np.rot90(page.upright, -pose.turn // 90))
    if abs(pose.skew) < least_skew:
        return LaidPage(upright, upright, None, pose.turn, page.size)
    straight, back = _straightened(
        upright, pose.skew, _turned_back(found, -pose.turn % 360, (upright.shape[1], upright.shape[0]))
    )
    return LaidPage(upright, straight, back, pose.turn, page.size)


def _turned_back(corners: Corners, turn: int, size: tuple[int, int]) -> Corners:
    """Of a page that was turned by ``turn`` degrees clockwise, as they lay before. size: its width and height then."""
    width, height = size
    x, y = corners[:, 0], corners[:, 1]
    match turn:
        case 90:
            x, y = y, height - x
        case 180:
            x, y = width - x, height - y
        case 270:
            x, y = width - y, x
    return np.stack((x, y), axis=1)


def _straightened(page: Pixels, skew: float, found: Corners) -> tuple[Pixels, NDArray[np.float64]]:
    """The page turned by ``-skew``, as much of it as has lines; and the way back."""
    height, width = page.shape[:2]
    there = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)  # counter-clockwise, as OpenCV counts
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    whole, lines = frame @ there[:, :2].T + there[:, 2], found @ there[:, :2].T + there[:, 2]
    around = AROUND * max(width, height)
    left, top = np.floor(np.maximum(whole.min(axis=0), lines.min(axis=0) - around))
    right, bottom = np.ceil(np.minimum(whole.max(axis=0), lines.max(axis=0) + around))
    there[:, 2] -= (left, top)
    size = (int(right - left), int(bottom - top))
    paper = np.median(page[::EDGE_SAMPLE, ::EDGE_SAMPLE].reshape(-1, 3), axis=0)
    straight = cv2.warpAffine(
        page, there, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=paper.tolist()
    )
    return straight, cv2.invertAffineTransform(there)
