"""What vision-language models need of a page image, wherever they run: something to read, and sides that they take."""

from __future__ import annotations

from PIL import Image

from actors.ocr.engine import Pixels

SMALLEST_INK = 8
NARROWEST_SIDE = 56
MOST_ELONGATED = 100
"""Pixels, and times as long as wide. Models cut images into patches: they refuse narrower and longer ones."""


def is_blank(pixels: Pixels) -> bool:
    """Whether the page is of one colour, to SMALLEST_INK. Models invent text on such pages rather than say so."""
    spread = pixels.max(axis=(0, 1)).astype(int) - pixels.min(axis=(0, 1))
    return bool(spread.max() < SMALLEST_INK)


def padded(image: Image.Image) -> Image.Image:
    """The image, on white where it is too small or too narrow."""
    least = max(NARROWEST_SIDE, -(-max(image.size) // MOST_ELONGATED))
    if min(image.size) >= least:
        return image
    whole = Image.new(image.mode, (max(image.width, least), max(image.height, least)), "white")
    whole.paste(image)
    return whole
