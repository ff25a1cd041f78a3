"""Searchable PDFs as other programs read them: PDFium, and poppler's pdftotext where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray

needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's pdftotext is not installed")

_WORD = re.compile(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)</word>')


class Word(NamedTuple):
    """box: points from the top left of the page as displayed."""

    text: str
    box: tuple[float, float, float, float]


def pdfium_text(data: bytes, page: int = 1, password: str | None = None) -> str:
    return str(_page(data, page, password).get_textpage().get_text_range()).replace("\r\n", "\n")


def pdfium_words(data: bytes, page: int = 1) -> list[Word]:
    opened = _page(data, page, None)
    texts = opened.get_textpage()
    letters = [(texts.get_text_range(at, 1), texts.get_charbox(at)) for at in range(texts.count_chars())]
    words: list[Word] = []
    run: list[tuple[str, Any]] = []
    for letter, box in [*letters, (" ", None)]:
        if letter.strip():
            run.append((letter, box))
        elif run:
            words.append(Word("".join(one for one, _ in run), _displayed(opened, [box for _, box in run])))
            run = []
    return words


def pdfium_pixels(data: bytes, page: int = 1, scale: float = 1) -> NDArray[np.uint8]:
    """RGB."""
    bitmap = _page(data, page, None).render(scale=scale, rev_byteorder=True)
    return np.array(bitmap.to_pil().convert("RGB"))


def page_sizes(data: bytes) -> list[tuple[float, float]]:
    return [page.get_size() for page in pypdfium2.PdfDocument(data)]


def poppler_words(data: bytes, folder: Path, page: int = 1) -> list[Word]:
    file = folder / "read.pdf"
    file.write_bytes(data)
    command = ("pdftotext", "-f", str(page), "-l", str(page), "-bbox", str(file), "-")
    page_html = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [
        Word(unescape(text), (float(x0), float(y0), float(x1), float(y1)))
        for x0, y0, x1, y1, text in _WORD.findall(page_html)
    ]


def _page(data: bytes, page: int, password: str | None) -> Any:
    return pypdfium2.PdfDocument(data, password=password)[page - 1]


def _displayed(page: Any, boxes: list[Any]) -> tuple[float, float, float, float]:
    """From PDF's own coordinates, before /Rotate, to the page as displayed."""
    left, bottom, right, top = page.get_cropbox()
    x0, y0 = min(box[0] for box in boxes) - left, min(box[1] for box in boxes) - bottom
    x1, y1 = max(box[2] for box in boxes) - left, max(box[3] for box in boxes) - bottom
    width, height = right - left, top - bottom
    return {
        0: (x0, height - y1, x1, height - y0),
        90: (y0, x0, y1, x1),
        180: (width - x1, y0, width - x0, y1),
        270: (height - y1, width - x1, height - y0, width - x0),
    }[page.get_rotation()]
