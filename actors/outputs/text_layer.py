"""The text layer of a page in a searchable PDF: the lines at their places, written and not shown.

Every line stands on its baseline, turned as it runs; every word is squeezed or stretched to its place in the line
(words.py), with a space after it, so that readers can tell words apart. Words from right to left are written as they
are seen, from the left, as PDFs do that were never scanned: readers turn them round.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from actors.outputs.glyphless_font import WIDTH, ExtraCodes
from actors.outputs.line_shape import BASELINE, LineShape, Vector, shape_of
from actors.outputs.words import Word, words_of
from cluster.page_text import Line

FONT, EXTRA_FONT = "GnosisText", "GnosisExtra"
"""Names of the fonts among the page's resources: for UTF-16 code units, and for what lies beyond."""

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f, as in PDF: x' = a x + c y + e, y' = b x + d y + f."""

_LEAST = 0.01
_WIDEST = 100_000


def text_layer(lines: Iterable[Line], rotation: int, to_pdf: Matrix, extra: ExtraCodes) -> bytes:
    """A content stream that leaves everything as it was. to_pdf: from the lines' coordinates to the page's own.

    b"" where there is no text.
    """
    parts = [part for line in lines for part in _line(shape_of(line, rotation), words_of(line.text), to_pdf, extra)]
    return b"q BT 3 Tr\n" + "".join(parts).encode("ascii") + b"ET Q\n" if parts else b""


def _line(shape: LineShape, words: tuple[Word, ...], to_pdf: Matrix, extra: ExtraCodes) -> list[str]:
    along, down = _turned(shape.along, to_pdf), _turned(shape.down, to_pdf)
    length, size = math.hypot(*along), math.hypot(*down)
    if not (_LEAST < length < _WIDEST and _LEAST < size < _WIDEST):
        return []
    sides = (along[0] / length, along[1] / length, -down[0] / size, -down[1] / size)
    turn = " ".join(f"{side:.5g}" for side in sides)
    parts: list[str] = []
    for place, word in enumerate(words, start=1):
        share = (word.end - word.start) / len(word.text)  # of one character
        space = "" if place == len(words) else " "
        seen = f"{space}{word.text[::-1]}" if word.from_right else f"{word.text}{space}"
        x, y = _moved(shape.point(word.start - (share * len(space) if word.from_right else 0), BASELINE), to_pdf)
        squeeze = 100 * share * length / (WIDTH / 1000 * size)
        parts.append(f"{squeeze:.2f} Tz {turn} {x:.2f} {y:.2f} Tm {_shown(seen, size, extra)}\n")
    return parts


def _shown(text: str, size: float, extra: ExtraCodes) -> str:
    """Pieces of text, each in the font that has its characters."""
    pieces: list[tuple[str, list[int]]] = []
    for letter in text:
        beyond = ord(letter) > 0xFFFF
        font = EXTRA_FONT if beyond else FONT
        if not pieces or pieces[-1][0] != font:
            pieces.append((font, []))
        pieces[-1][1].append(extra.code(letter) if beyond else _unit(letter))
    return " ".join(f"/{font} {size:.3f} Tf <{''.join(f'{code:04x}' for code in codes)}> Tj" for font, codes in pieces)


def _unit(letter: str) -> int:
    code = ord(letter)
    return 0xFFFD if 0xD800 <= code <= 0xDFFF else code


def _turned(vector: Vector, matrix: Matrix) -> Vector:
    a, b, c, d, _, _ = matrix
    return a * vector[0] + c * vector[1], b * vector[0] + d * vector[1]


def _moved(point: Vector, matrix: Matrix) -> Vector:
    x, y = _turned(point, matrix)
    return x + matrix[4], y + matrix[5]
