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
from actors.ocr.ppocr_detector import Corners

EDGE_SAMPLE = 16  # every so many-th pixel of a page tells the colour of its paper


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
        width, height = self.size
        x, y = corners[:, 0], corners[:, 1]
        match self.turn:
            case 90:
                x, y = y, height - x
            case 180:
                x, y = width - x, height - y
            case 270:
                x, y = width - y, x
        return np.stack((x, y), axis=1)


def as_it_came(page: Pixels) -> LaidPage:
    """page: BGR."""
    return LaidPage(page, page, None, 0, (page.shape[1], page.shape[0]))


def laid(page: LaidPage, pose: Pose, least_skew: float) -> LaidPage:
    """page: as it came. A smaller skew than ``least_skew`` is left."""
    upright = np.ascontiguousarray(np.rot90(page.upright, -pose.turn // 90))
    if abs(pose.skew) < least_skew:
        return LaidPage(upright, upright, None, pose.turn, page.size)
    straight, back = _straightened(upright, pose.skew)
    return LaidPage(upright, straight, back, pose.turn, page.size)


def _straightened(page: Pixels, skew: float) -> tuple[Pixels, NDArray[np.float64]]:
    """The page turned by ``-skew``, large enough to hold all of it; and the way back."""
    height, width = page.shape[:2]
    there = cv2.getRotationMatrix2D((width / 2, height / 2), skew, 1.0)  # counter-clockwise, as OpenCV counts
    cos, sin = abs(there[0, 0]), abs(there[0, 1])
    wide, high = int(np.ceil(width * cos + height * sin)), int(np.ceil(width * sin + height * cos))
    there[:, 2] += ((wide - width) / 2, (high - height) / 2)
    paper = np.median(page[::EDGE_SAMPLE, ::EDGE_SAMPLE].reshape(-1, 3), axis=0)
    straight = cv2.warpAffine(
        page, there, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=paper.tolist()
    )
    return straight, cv2.invertAffineTransform(there)
