"""How much of a page is paper: of a picture there is little that is plain."""

from __future__ import annotations

import cv2
import numpy as np

from actors.ocr.engine import Pixels

SIDE = 512  # pixels of the longer side, on which print is fine and paper's grain is gone
AROUND = 31  # pixels across: the paper's own shade, without what is printed there
NEAR = 18  # shades of 255


def plain_share(page: Pixels) -> float:
    """The share of the page that has the shade of the paper around, 0 to 1. page: RGB or BGR."""
    height, width = page.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    gray = cv2.cvtColor(cv2.resize(page, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    paper = cv2.medianBlur(gray, AROUND)
    return float(np.mean(cv2.absdiff(gray, paper) <= NEAR))
