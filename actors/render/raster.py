"""A page as pixels, how large it may be, and its PNG."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from actors.ocr.engine import Pixels

LONGEST_SIDE = 30_000
"""Pixels. OpenCV's warps, on which engines stand, end at 32,767 a side."""

_STRIP = 128  # rows compared at once, so that the test for gray needs little memory and ends early on colour


@dataclass(frozen=True, slots=True)
class Raster:
    """pixels: uint8 array (height, width, 3), RGB. page_width, page_height: points, as displayed. dpi: as rendered.

    owner: what the pixels' memory belongs to, where the array does not keep it alive by itself.
    """

    pixels: Pixels
    page_width: float
    page_height: float
    dpi: float
    owner: object = None


def fit(width: float, height: float, max_megapixels: float) -> float:
    """The factor, at most 1, by which ``width`` × ``height`` pixels keep the limits, each side rounded up."""
    limit = max_megapixels * 1e6
    factor = min(1.0, math.sqrt(limit / (width * height)), LONGEST_SIDE / max(width, height))
    while True:
        across, down = math.ceil(width * factor), math.ceil(height * factor)
        if across * down <= max(limit, 1) and max(across, down) <= LONGEST_SIDE:
            return factor
        factor *= 0.999


def encode_png(raster: Raster) -> bytes:
    """Level 1: higher levels cost twice the time and save a tenth. Gray pages take one channel: half time and size."""
    pixels = raster.pixels
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0]) if is_gray(pixels) else pixels)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1, dpi=(raster.dpi, raster.dpi))
    return file.getvalue()


def is_gray(pixels: Pixels) -> bool:
    """Whether its three channels are the same."""
    for top in range(0, pixels.shape[0], _STRIP):
        strip = pixels[top : top + _STRIP]
        red, green, blue = strip[..., 0], strip[..., 1], strip[..., 2]
        if not (np.array_equal(red, green) and np.array_equal(green, blue)):
            return False
    return True
