"""Pages with text in scripts other than Latin, in a font that PyMuPDF carries: nothing need be installed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFont

from actors.ocr.engine import Pixels

MARGIN = 60
STOPS = "。、"


def in_columns(columns: Sequence[str], size: int = 32) -> Pixels:
    """Black on white, from the right; stops stand at the upper right of their cells."""
    font, pitch = _font(size), round(size * 1.06)
    width = 2 * MARGIN + round(len(columns) * size * 1.8)
    image = Image.new("RGB", (width, 2 * MARGIN + pitch * max(map(len, columns))), "white")
    draw = ImageDraw.Draw(image)
    for number, column in enumerate(columns):
        x = width - MARGIN - size - round(number * size * 1.8)
        for row, character in enumerate(column):
            moved = (0.55 * size, -0.5 * size) if character in STOPS else (0, 0)
            draw.text((x + moved[0], MARGIN + row * pitch + moved[1]), character, font=font, fill="black")
    return np.asarray(image)


def in_rows(rows: Sequence[str], size: int = 32) -> Pixels:
    """Black on white."""
    font = _font(size)
    width = 2 * MARGIN + round(max(font.getlength(row) for row in rows))
    image = Image.new("RGB", (width, 2 * MARGIN + round(len(rows) * size * 1.8)), "white")
    draw = ImageDraw.Draw(image)
    for number, row in enumerate(rows):
        draw.text((MARGIN, MARGIN + number * size * 1.8), row, font=font, fill="black")
    return np.asarray(image)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Droid Sans Fallback: Chinese, Japanese, Korean, Cyrillic, Greek."""
    return ImageFont.truetype(io.BytesIO(pymupdf.Font("cjk").buffer), size)
