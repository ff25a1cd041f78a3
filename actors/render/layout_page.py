"""A page of PDF made of lines and a picture, as the layout model looks at pages.

The model sees a page as PyMuPDF extracts it: each line's box, the sizes and spacing of its characters, and a small
rendering. So each line is written at its place, in Helvetica where that has its letters, else in a font that is not
there at all: MuPDF takes a substitute, and the text from the font's table. Letters are as wide as the line asks.

The picture stands beside the page, not on it: an image under all text is no feature of a printed page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from actors.content.upright import Upright
from actors.ocr.engine import Pixels
from cluster.page_text import Line

LONGER_SIDE = 800.0
"""Points: a page of an unknown resolution is taken to be as large as a sheet of letter paper."""

_TALL = 1.5
"""A line of several characters that is so many times as high as wide is written downwards."""

_DESCENT, _HEIGHT = 0.22, 0.94
"""Of Helvetica's letters with accents and descenders, in sizes of the font."""


def scale_of(width: float, height: float) -> float:
    """Points a pixel."""
    return LONGER_SIDE / max(width, height, 1.0)


def page_of(lines: Sequence[Line], width: float, height: float) -> Any:
    """A pymupdf.Page, in points. lines: in pixels of a page image of ``width`` × ``height``; its document is the
    page's ``parent``."""
    scale = scale_of(width, height)
    content = "\n".join(_written(line, scale, height * scale) for line in lines)
    document = pymupdf.open(stream=_pdf(content.encode("ascii"), width * scale, height * scale), filetype="pdf")
    return document[0]


def picture_of(pixels: Pixels, upright: Upright) -> Any:
    """A pymupdf.Pixmap of the page turned upright and straightened: RGB, a pixel a point."""
    scale = scale_of(upright.width, upright.height)
    size = (max(1, round(upright.width * scale)), max(1, round(upright.height * scale)))
    image = Image.fromarray(pixels).convert("L").resize(size, Image.Resampling.BOX)
    if upright.rotation:
        image = image.rotate(-upright.rotation, expand=True)
    if upright.skew:
        image = image.rotate(upright.skew, Image.Resampling.BILINEAR, fillcolor=255)
    gray: NDArray[np.uint8] = np.asarray(image)
    colours = np.repeat(gray[:, :, None], 3, axis=2)
    return pymupdf.Pixmap(pymupdf.csRGB, image.width, image.height, colours.tobytes(), False)


def _written(line: Line, scale: float, page_height: float) -> str:
    """Operators that write the line, in PDF's coordinates: from the bottom up."""
    text = "".join(line.text.split("\x00")).strip()
    if not text:
        return ""
    x0, y0, x1, y1 = (value * scale for value in line.bbox)
    width, height = max(x1 - x0, 0.1), max(y1 - y0, 0.1)
    downward = len(text) > 1 and height > _TALL * width
    along, across = (height, width) if downward else (width, height)
    size = across / _HEIGHT
    font, code, natural = _coded(text)
    stretch = 100 * along / (natural * size)
    if downward:
        matrix = f"0 -1 1 0 {x0 + _DESCENT * size:.2f} {page_height - y0:.2f}"
    else:
        matrix = f"1 0 0 1 {x0:.2f} {page_height - y1 + _DESCENT * size:.2f}"
    return f"BT /{font} {size:.2f} Tf {stretch:.2f} Tz {matrix} Tm <{code}> Tj ET"


def _coded(text: str) -> tuple[str, str, float]:
    """The font, the text in its code as hexadecimal digits, and its width in sizes of the font."""
    try:
        code = text.encode("cp1252")
        return "F0", code.hex(), max(pymupdf.get_text_length(text, "helv", 1), 0.1)
    except UnicodeEncodeError:
        code = text.encode("utf-16-be", "replace")
        return "F1", code.hex(), len(code) / 2


_IDENTITY = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Same def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap end end"""


def _pdf(content: bytes, width: float, height: float) -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents 4 0 R"
        b"/Resources<</Font<</F0 5 0 R/F1 6 0 R>>>>>>" % (width, height),
        _stream(content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/Any/Encoding/Identity-H/DescendantFonts[7 0 R]/ToUnicode 9 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/Any/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        b"/Supplement 0>>/FontDescriptor 8 0 R/DW 1000>>",
        b"<</Type/FontDescriptor/FontName/Any/Flags 4/FontBBox[0 -220 1000 720]/ItalicAngle 0/Ascent 720/Descent -220"
        b"/CapHeight 720/StemV 80>>",
        _stream(_IDENTITY),
    ]
    return b"".join(_file(objects))


def _file(objects: Sequence[bytes]) -> Iterator[bytes]:
    """The file's parts: MuPDF would mend one without a table, and take longer."""
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


def _stream(data: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%s\nendstream" % (len(data), data)
