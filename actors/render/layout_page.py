"""A page of PDF made of lines and a picture, as the layout model looks at pages.

The model sees a page as PyMuPDF extracts it: each line's box, the sizes and spacing of its letters, and a small
rendering. So each line is written at its place and as wide as it is, in Helvetica where that has its letters, else in
fonts whose letters are boxes (layout_fonts.py). MuPDF takes two pieces of text for one line where the second begins a
little right of the first, as in a table or across a narrow gutter; so lines are written from right to left.

The picture stands beside the page, not on it: an image under all text is no feature of a printed page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from actors.content.upright import Upright
from actors.ocr.engine import Pixels
from actors.render.layout_fonts import ASCENT, DESCENT, BoxFonts
from cluster.page_text import Line

LONGER_SIDE, LARGEST = 800.0, 1600.0
LEAST_LINE = 8.0
"""Points. A page of an unknown resolution is taken to be about as large as a sheet of letter paper; larger where its
lines would be lower than those of newspapers, for the model knows letters as they are printed."""

_TALL = 1.5
"""A line of several letters that is so many times as high as wide is written downwards."""


def scale_of(lines: Sequence[Line], width: float, height: float) -> float:
    """Points a pixel, of a page image of ``width`` × ``height`` pixels."""
    heights = [min(x1 - x0, y1 - y0) for x0, y0, x1, y1 in (line.bbox for line in lines)]
    longer = max(width, height, 1.0)
    enough = LEAST_LINE * longer / max(median(heights), 1e-3) if heights else 0.0
    return min(max(LONGER_SIDE, enough), LARGEST) / longer


def page_of(lines: Sequence[Line], width: float, height: float, scale: float) -> Any:
    """A pymupdf.Page, in points. lines: in pixels of a page image of ``width`` × ``height``; its document is the
    page's ``parent``."""
    fonts = BoxFonts()
    leftward = sorted(lines, key=lambda line: (-line.bbox[0], line.bbox[1]))
    content = "\n".join(_written(line, scale, height * scale, fonts) for line in leftward)
    file = _file(_objects(content.encode("ascii"), width * scale, height * scale, fonts))
    return pymupdf.open(stream=b"".join(file), filetype="pdf")[0]


def picture_of(pixels: Pixels, upright: Upright, scale: float) -> Any:
    """A pymupdf.Pixmap of the page turned upright and straightened: RGB, a pixel a point."""
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    image = Image.fromarray(pixels).convert("L").resize(size, Image.Resampling.BOX)
    if upright.rotation:
        image = image.rotate(-upright.rotation, expand=True)
    if upright.skew:
        image = image.rotate(upright.skew, Image.Resampling.BILINEAR, fillcolor=255)
    gray: NDArray[np.uint8] = np.asarray(image)
    colours = np.repeat(gray[:, :, None], 3, axis=2)
    return pymupdf.Pixmap(pymupdf.csRGB, image.width, image.height, colours.tobytes(), False)


def _written(line: Line, scale: float, page_height: float, fonts: BoxFonts) -> str:
    """Operators that write the line, in PDF's coordinates: from the bottom up."""
    text = " ".join(line.text.split())
    if not text:
        return ""
    x0, y0, x1, y1 = (value * scale for value in line.bbox)
    width, height = max(x1 - x0, 0.1), max(y1 - y0, 0.1)
    downward = len(text) > 1 and height > _TALL * width
    along, across = (height, width) if downward else (width, height)
    ascent = ASCENT
    try:
        code = text.encode("cp1252")
        letters = [_helvetica()[number] for number in code]
        natural = max(sum(letter.width for letter in letters), 0.1)
        ascent = max(ascent, *(letter.top for letter in letters))  # accents on capitals
        pieces = [("H", code.hex())]
    except UnicodeEncodeError:
        natural = float(len(text))
        pieces = fonts.coded(text)
    size = across / (ascent + DESCENT)
    stretch = 100 * along / (natural * size)
    if downward:
        matrix = f"0 -1 1 0 {x0 + DESCENT * size:.2f} {page_height - y0:.2f}"
    else:
        matrix = f"1 0 0 1 {x0:.2f} {page_height - y1 + DESCENT * size:.2f}"
    shown = " ".join(f"/{font} {size:.2f} Tf <{code}> Tj" for font, code in pieces)
    return f"BT {stretch:.2f} Tz {matrix} Tm {shown} ET"


class _Letter(NamedTuple):
    """How far a letter reaches to the right and above its line, in sizes of the font."""

    width: float
    top: float


@cache
def _helvetica() -> tuple[_Letter, ...]:
    """By the letters' code in cp1252."""
    font = pymupdf.Font("helv")
    letters = [ord(bytes([code]).decode("cp1252", "replace")) for code in range(256)]
    return tuple(_Letter(float(font.glyph_advance(each)), float(font.glyph_bbox(each).y1)) for each in letters)


def _objects(content: bytes, width: float, height: float, fonts: BoxFonts) -> list[bytes]:
    own = fonts.objects(6)
    names = b"".join(b"/%s %d 0 R" % (name.encode(), number) for name, number in fonts.numbers(6))
    return [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents 4 0 R/Resources<</Font<</H 5 0 R%s>>>>>>"
        % (width, height, names),
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        *own,
    ]


def _file(objects: Sequence[bytes]) -> Iterator[bytes]:
    """The file's parts, with the table of its objects: MuPDF would mend one without, and take longer."""
    head = b"%PDF-1.7\n"
    yield head
    at, places = len(head), []
    for number, body in enumerate(objects, 1):
        part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        places.append(at)
        at += len(part)
        yield part
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    yield b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\n" % (count, rows, count)
    yield b"startxref\n%d\n%%%%EOF\n" % at
