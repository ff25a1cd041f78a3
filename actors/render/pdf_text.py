"""What a page of a PDF carries besides its picture: its lines of text, the images that it shows, and its ink.

MuPDF breaks a line where there is a gap of a letter's width. Pieces of one visual line that stand close are joined
again here; those of a table's cells stay apart. Lines from right to left are put in order by writing_order.py.

Text comes from PyMuPDF in the coordinates of the page before its /Rotate; ``rotation_matrix`` turns it to what is
displayed, as the page image is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pymupdf

from actors.render.embedded_text import MOST_CHARACTERS, PAGE_FILLING, EmbeddedLine, EmbeddedPage
from actors.render.page_ink import DPI, MOST_PIXELS, Ink
from actors.render.writing_order import Letter, in_reading_order, is_leftward
from cluster.page_text import Box

# Without images (a scan would be encoded anew for nothing) and without numbers of glyphs in place of unknown letters.
_TEXT_FLAGS = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
_INKED = pymupdf.mupdf.FZ_STEXT_FILLED | pymupdf.mupdf.FZ_STEXT_STROKED

_SOFT_HYPHEN, _UNKNOWN = "\u00ad", "\ufffd"
_WIDTH_OF_NOTHING = 0.05
"""Of the font's size: a soft hyphen that is narrower is not drawn."""
_SHAPED = re.compile("[\u0590-\u1cff]")
"""Letters of scripts whose glyphs stand for clusters: Hebrew, Arabic, Devanagari, Thai, and those beside them."""
_CLUSTER = 2
"""Letters without a width of their own in a run of text, by which clusters are told from a ligature."""

_CLOSE = 1.2
"""Of the font's size: a wider gap parts the cells of a table, or columns."""
_SAME_ROW = 0.5
"""Of the lower piece's height."""

_Fields = dict[str, Any]


def embedded_page(page: Any) -> EmbeddedPage:
    """page: of PyMuPDF. Raises whatever it does."""
    turn = page.rotation_matrix
    width, height = float(page.rect.width), float(page.rect.height)
    text = page.get_textpage(flags=_TEXT_FLAGS)
    images = page.get_image_info() if page.get_images(full=True) else []  # it reads the page once more
    pictures = tuple(_turned(image["bbox"], turn) for image in images)
    characters = text.extractText()
    if len(characters) > MOST_CHARACTERS:
        return EmbeddedPage(width, height, _cut(text, turn), pictures, overlong=True)
    fields = text.extractRAWDICT() if _needs_characters(characters) else text.extractDICT()
    blocks = [block for block in fields["blocks"] if block["type"] == 0]
    covering = _covering(images, page.rect.width * page.rect.height)
    paragraphs = (_lines(block, turn, number < covering) for number, block in enumerate(blocks))
    return EmbeddedPage(width, height, tuple(filter(None, paragraphs)), pictures)


def page_ink(page: Any) -> Ink:
    """page: of PyMuPDF."""
    width, height = max(1.0, page.rect.width), max(1.0, page.rect.height)
    scale = min(DPI / 72, math.sqrt(MOST_PIXELS / (width * height)))
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=False)
    rows = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
    return Ink(rows[:, : pixmap.width], scale)


@dataclass(frozen=True, slots=True)
class _Piece:
    """bbox: before the page is turned. direction: of the writing, a unit vector. size: of the font, in points.

    letters: where the page has any that are read from right to left, all of the piece's.
    """

    text: str
    bbox: Box
    hidden: bool
    direction: tuple[float, float]
    size: float
    letters: tuple[Letter, ...] = ()

    @property
    def reading(self) -> str:
        return in_reading_order(self.letters) if is_leftward(self.text) and self.letters else self.text


def _lines(block: _Fields, turn: Any, covered: bool) -> tuple[EmbeddedLine, ...]:
    rows: list[_Piece] = []
    for fields in block["lines"]:
        piece = _piece(fields, covered)
        if not piece.text.strip():
            continue
        if rows and (joined := _joined(rows[-1], piece)) is not None:
            rows[-1] = joined
        else:
            rows.append(piece)
    return tuple(EmbeddedLine(_sound(row.reading), _turned(row.bbox, turn), row.hidden) for row in rows)


def _piece(fields: _Fields, covered: bool) -> _Piece:
    spans = fields["spans"]
    drawn = [_drawn(span) for span in spans]
    texts = ["".join(text for text, _ in span) for span in drawn]
    inked = sum(len(text.strip()) for text, span in zip(texts, spans, strict=True) if _is_inked(span))
    text = "".join(texts)
    across, down = fields["dir"]
    size = max((span["size"] for span in spans), default=0.0)
    x0, y0, x1, y1 = fields["bbox"]
    hidden = covered or 2 * inked < len(text.strip())
    direction = (round(across, 2), round(down, 2))
    letters = _letters(drawn) if direction == (1, 0) and "chars" in spans[0] else ()
    return _Piece(text.strip(), (x0, y0, x1, y1), hidden, direction, size, letters)


def _drawn(span: _Fields) -> list[tuple[str, Box | None]]:
    """What the span is made of, with the places of its characters where they are known.

    Without soft hyphens that are not drawn, and without unknown letters that another glyph stands for: where one glyph
    maps to a whole cluster, as in shaped Arabic, the cluster's other glyphs map to nothing. Characters without a width
    of their own belong to the one before them.
    """
    if "text" in span:
        return [(str(span["text"]), None)]
    nothing = _WIDTH_OF_NOTHING * span["size"]
    widths = [min(_side(char["bbox"], 0), _side(char["bbox"], 1)) for char in span["chars"]]
    spare = sum(width <= nothing for width in widths)
    spare = spare if spare >= _CLUSTER else 0
    drawn: list[tuple[str, Box | None]] = []
    for char, width in zip(span["chars"], widths, strict=True):
        letter = char["c"]
        if letter == _SOFT_HYPHEN and width <= nothing:
            continue
        if letter == _UNKNOWN and spare:
            spare -= 1
        elif width <= nothing and drawn:
            drawn[-1] = (drawn[-1][0] + letter, drawn[-1][1])
        else:
            drawn.append((letter, char["bbox"]))
    return drawn


def _letters(drawn: list[list[tuple[str, Box | None]]]) -> tuple[Letter, ...]:
    return tuple(Letter(text, (box[0] + box[2]) / 2) for span in drawn for text, box in span if box is not None)


def _is_inked(span: _Fields) -> bool:
    return bool(span["char_flags"] & _INKED) and span["alpha"] > 0


def _joined(left: _Piece, right: _Piece) -> _Piece | None:
    """One piece, where both stand in one row of writing along an axis, close to each other."""
    if left.direction != right.direction or left.hidden != right.hidden:
        return None
    across, down = left.direction
    if 1 not in (abs(across), abs(down)):
        return None
    axis = 0 if abs(across) == 1 else 1
    overlap = _overlap(left.bbox, right.bbox, 1 - axis)
    if overlap < _SAME_ROW * min(_side(left.bbox, 1 - axis), _side(right.bbox, 1 - axis)):
        return None
    gap = -_overlap(left.bbox, right.bbox, axis)
    size = max(left.size, right.size)
    if not -0.3 * size <= gap <= _CLOSE * size:
        return None
    x0, y0 = min(left.bbox[0], right.bbox[0]), min(left.bbox[1], right.bbox[1])
    x1, y1 = max(left.bbox[2], right.bbox[2]), max(left.bbox[3], right.bbox[3])
    between = Letter(" ", (max(left.bbox[0], right.bbox[0]) + min(left.bbox[2], right.bbox[2])) / 2)
    letters = (*left.letters, between, *right.letters) if left.letters and right.letters else ()
    text = f"{left.text} {right.text}"
    return replace(left, text=text, bbox=(x0, y0, x1, y1), size=size, letters=letters)


def _overlap(one: Box, other: Box, axis: int) -> float:
    """Along 0, x, or 1, y; less than zero where there is a gap."""
    return min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis])


def _side(box: Box, axis: int) -> float:
    return box[axis + 2] - box[axis]


def _covering(images: list[_Fields], area: float) -> int:
    """How many blocks of text come before a picture that fills the page: nobody sees them. One that lets the paper
    through is a watermark."""
    filling = (n for n, image in enumerate(images) if _size(image) >= PAGE_FILLING * area and not image["has-mask"])
    return max((images[n]["number"] - n for n in filling), default=0)


def _size(image: _Fields) -> float:
    x0, y0, x1, y1 = image["bbox"]
    return float((x1 - x0) * (y1 - y0))


def _needs_characters(text: str) -> bool:
    """Whether each character's place must be known, which takes twice the time."""
    return _SOFT_HYPHEN in text or is_leftward(text) or (_UNKNOWN in text and _SHAPED.search(text) is not None)


def _cut(text: Any, turn: Any) -> tuple[tuple[EmbeddedLine, ...], ...]:
    """As much as is allowed, each paragraph's lines with the box of the whole: there is no page to arrange."""
    left = MOST_CHARACTERS
    paragraphs = []
    for x0, y0, x1, y1, content, *_ in text.extractBLOCKS():
        box = _turned((x0, y0, x1, y1), turn)
        lines = [_sound(line.strip()) for line in content[:left].splitlines()]
        paragraphs.append(tuple(EmbeddedLine(line, box) for line in lines if line))
        left -= len(content)
        if left <= 0:
            break
    return tuple(filter(None, paragraphs))


def _sound(text: str) -> str:
    """Files may name half surrogate pairs, which no UTF-8 can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _turned(bbox: Any, turn: Any) -> Box:
    box = pymupdf.Rect(bbox) * turn
    return round(box.x0, 2), round(box.y0, 2), round(box.x1, 2), round(box.y1, 2)
