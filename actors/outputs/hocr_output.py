"""The format ``hocr``: hOCR 1.2 as XHTML, boxes in pixels of the page images.

Blocks are ``ocr_carea`` with one ``ocr_par`` each, in reading order, running headers and footers among them. A line
that runs level has its baseline; another has its ``textangle``, counted counterclockwise. The kind of a block stands
as a second class, ``gnosis_heading`` and the like.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from actors.outputs.boxed_pages import BoxedPages
from actors.outputs.line_blocks import LineBlock, line_blocks
from actors.outputs.line_shape import BASELINE, LineShape, shape_of
from actors.outputs.page import OutputDocument, OutputPage, PixelSize, pixel_size
from actors.outputs.words import words_of
from actors.outputs.xml_text import xml_text
from cluster.page_text import Box, Line, PageResult

_CLASSES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word"
_LEVEL_DEGREES = 20.0

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="und" lang="und">
<head>
<title>{title}</title>
<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="ocr-system" content="gnosis-ocr" />
<meta name="ocr-capabilities" content="{classes}" />
<meta name="ocr-langs" content="unknown" />
<meta name="ocr-number-of-pages" content="{pages}" />
</head>
<body>
"""


class HocrOutput:
    def __init__(self, document: OutputDocument) -> None:
        self._document = document
        self._boxed = BoxedPages("hocr")

    def begin(self) -> bytes:
        title, pages = xml_text(self._document.filename), self._document.total_pages
        return _HEAD.format(title=title, classes=_CLASSES, pages=pages).encode()

    def page(self, page: OutputPage) -> bytes:
        if not self._boxed.take(page):
            return b""
        return "".join(_page(page)).encode()

    def end(self) -> bytes:
        self._boxed.check()
        return b"</body>\n</html>\n"


def _page(page: OutputPage) -> Iterator[str]:
    result, number = page.result, page.number
    if result is None:
        yield f'<div class="ocr_page" id="page_{number}" title="bbox 0 0 0 0; ppageno {number - 1}"></div>\n'
        return
    size = pixel_size(result)
    image = f"image &quot;{xml_text(result.image)}&quot;; " if result.image else ""
    title = f"{image}bbox 0 0 {size.width} {size.height}; ppageno {number - 1}; scan_res {size.dpi} {size.dpi}"
    yield f'<div class="ocr_page" id="page_{number}" title="{title}">\n'
    for place, block in enumerate(line_blocks(result.read), start=1):
        yield from _block(block, f"{number}_{place}", result, size)
    yield "</div>\n"


def _block(block: LineBlock, name: str, result: PageResult, size: PixelSize) -> Iterator[str]:
    box = _box(block.bbox, size)
    yield f'<div class="ocr_carea gnosis_{block.kind}" id="block_{name}" title="{box}">\n'
    if block.lines:
        yield f'<p class="ocr_par" id="par_{name}" title="{box}">\n'
        for place, line in enumerate(block.lines, start=1):
            yield _line(line, f"{name}_{place}", result.read.rotation, size)
        yield "</p>\n"
    yield "</div>\n"


def _line(line: Line, name: str, rotation: int, size: PixelSize) -> str:
    shape = shape_of(line, rotation)
    title = f"{_box(line.bbox, size)}; {_direction(shape, line.bbox, size)}"
    confidence = round(100 * min(1.0, max(0.0, line.confidence)))
    words = " ".join(
        f'<span class="ocrx_word" id="word_{name}_{place}" '
        f'title="{_box(shape.box(word.start, word.end), size)}; x_wconf {confidence}">{xml_text(word.text)}</span>'
        for place, word in enumerate(words_of(line.text), start=1)
    )
    return f'<span class="ocr_line" id="line_{name}" title="{title}">{words}</span>\n'


def _direction(shape: LineShape, box: Box, size: PixelSize) -> str:
    if abs(shape.degrees) > _LEVEL_DEGREES:
        return f"textangle {-shape.degrees % 360:.1f}"
    slope = math.tan(math.radians(shape.degrees))
    x, y = shape.point(0, BASELINE)
    # From the lower left corner of the line's box; y grows downwards.
    offset = (y + slope * (box[0] - x) - box[3]) * size.scale
    return f"baseline {slope:.4f} {offset:.1f}"


def _box(box: Box, size: PixelSize) -> str:
    x0, y0, x1, y1 = size.box(box)
    return f"bbox {x0} {y0} {x1} {y1}"
