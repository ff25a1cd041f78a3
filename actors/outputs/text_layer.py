"""The text layer of a page in a searchable PDF: the lines at their places, written and not shown.

Every line stands on its baseline, turned as it runs; every word is squeezed or stretched to its place in the line
(words.py), with a space after it, the last one too, so that readers can tell words apart. Where a line is only a little
askew, its words are laid level, each at its own height: poppler takes a word apart whose letters don't stand at one
height. Words from right to left are written as they are seen, from the left, as PDFs do that were never scanned:
readers turn them round.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from actors.outputs.glyphless_font import WIDTH, ExtraCodes
from actors.outputs.line_shape import BASELINE, LineShape, Vector, shape_of
from actors.outputs.words import Word, words_of
from cluster.page_text import Line

FONT, EXTRA_FONT = "GnosisText", "GnosisExtra"
"""Names of the fonts among the page's resources: for UTF-16 code units, and for what lies beyond."""

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f, as in PDF: x' = a x + c y + e, y' = b x + d y + f."""

_ASKEW_DEGREES = 15.0
_QUARTERS: tuple[Vector, ...] = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))
_BEYOND = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")
_LEAST = 0.01
_WIDEST = 100_000


def text_layer(lines: Iterable[Line], rotation: int, to_pdf: Matrix, extra: ExtraCodes) -> bytes:
    """A content stream that leaves everything as it was. to_pdf: from the lines' coordinates to the page's own.

    b"" where there is no text.
    """
    parts = [part for line in lines for part in _line(shape_of(line, rotation), words_of(line.text), to_pdf, extra)]
    return b"q BT 3 Tr\n" + "".join(parts).encode("ascii") + b"ET Q\n" if parts else b""


def _line(shape: LineShape, words: tuple[Word, ...], to_pdf: Matrix, extra: ExtraCodes) -> list[str]:
    length, size = (math.hypot(*_turned(side, to_pdf)) for side in (shape.along, shape.down))
    if not (_LEAST < length < _WIDEST and _LEAST < size < _WIDEST):
        return []
    along, down = _directions(shape)
    (a, b), (c, d) = (_unit_vector(_turned(side, to_pdf)) for side in (along, (-down[0], -down[1])))
    turn = " ".join(_number(side, 5) for side in (a, b, c, d))
    parts: list[str] = []
    for word in words:
        share = (word.end - word.start) / len(word.text)  # of one character
        seen = f" {word.text[::-1]}" if word.from_right else f"{word.text} "
        middle = shape.point((word.start + word.end) / 2, 0.5)
        back = shape.length * ((word.end - word.start) / 2 + (share if word.from_right else 0))
        below = shape.height * (BASELINE - 0.5)
        start = middle[0] - back * along[0] + below * down[0], middle[1] - back * along[1] + below * down[1]
        x, y = _moved(start, to_pdf)
        squeeze = 100 * share * length / (WIDTH / 1000 * size)
        parts.append(
            f"{_number(squeeze, 2)} Tz {turn} {_number(x, 2)} {_number(y, 2)} Tm {_shown(seen, size, extra)}\n"
        )
    return parts


def _directions(shape: LineShape) -> tuple[Vector, Vector]:
    """Of the line's words, along and down, as long as one unit."""
    quarter = round(shape.degrees / 90) * 90
    if abs(shape.degrees - quarter) >= _ASKEW_DEGREES:
        return _unit_vector(shape.along), _unit_vector(shape.down)
    along = _QUARTERS[quarter // 90 % 4]
    down = (-along[1], along[0])
    mirrored = down[0] * shape.down[0] + down[1] * shape.down[1] < 0
    return along, (-down[0], -down[1]) if mirrored else down


def _unit_vector(vector: Vector) -> Vector:
    length = math.hypot(*vector)
    return vector[0] / length, vector[1] / length


def _number(value: float, digits: int) -> str:
    """As PDF writes numbers: without an exponent; and without a zero below zero."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _shown(text: str, size: float, extra: ExtraCodes) -> str:
    """Pieces of text, each in the font that has its characters."""
    if not _BEYOND.search(text):
        return f"/{FONT} {_number(size, 3)} Tf <{text.encode('utf-16-be').hex()}> Tj"
    pieces: list[tuple[str, list[int]]] = []
    for letter in text:
        beyond = ord(letter) > 0xFFFF
        font = EXTRA_FONT if beyond else FONT
        if not pieces or pieces[-1][0] != font:
            pieces.append((font, []))
        pieces[-1][1].append(extra.code(letter) if beyond else _unit(letter))
    return " ".join(
        f"/{font} {_number(size, 3)} Tf <{''.join(f'{code:04x}' for code in codes)}> Tj" for font, codes in pieces
    )


def _unit(letter: str) -> int:
    code = ord(letter)
    return 0xFFFD if 0xD800 <= code <= 0xDFFF else code


def _turned(vector: Vector, matrix: Matrix) -> Vector:
    a, b, c, d, _, _ = matrix
    return a * vector[0] + c * vector[1], b * vector[0] + d * vector[1]


def _moved(point: Vector, matrix: Matrix) -> Vector:
    x, y = _turned(point, matrix)
    return x + matrix[4], y + matrix[5]
