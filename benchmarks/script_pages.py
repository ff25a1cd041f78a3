"""Pages that are not read from left to right, line under line: Arabic, and Japanese in upright columns."""

from __future__ import annotations

from benchmarks.drawing import Drawing
from benchmarks.drawn_paper import Paper, Style
from benchmarks.quality_checks import Check, Order, Present
from benchmarks.random_prose import Prose

_SIGN = 17.0
_COLUMN = 27.0


def arabic(prose: Prose) -> Drawing:
    """Two columns: the right one is read first."""
    paper, sentences = Paper(), [prose.arabic() for _ in range(12)]
    for half, rect in ((sentences[:6], (310, 80, 540, 700)), (sentences[6:], (55, 80, 285, 700))):
        markup = "".join(f'<p dir="rtl">{sentence}</p>' for sentence in half)
        paper.flow(markup, [rect], Style("sans-serif", 15, align="right"))
    checks = (Present(sentences[1]), Present(sentences[8]), Order(sentences[5], sentences[6]))
    return Drawing(paper.document(), checks, "\n\n".join(sentences))


def upright_japanese(prose: Prose) -> Drawing:
    """Columns from right to left, each from top to bottom, a sentence to a paragraph."""
    paper, sentences = Paper(), [prose.japanese() for _ in range(14)]
    x = paper.width - 80
    for sentence in sentences:
        for at, sign in enumerate(sentence):
            _draw_sign(paper, x, 90 + 1.12 * _SIGN * at, sign)
        x -= _COLUMN
    told = [sentence.rstrip("。") for sentence in sentences]
    checks: tuple[Check, ...] = (
        Present(told[3]),
        Present(told[10]),
        Order(told[0], told[6]),
        Order(told[6], told[13]),
    )
    return Drawing(paper.document(), checks, "\n\n".join(sentences))


def _draw_sign(paper: Paper, x: float, y: float, sign: str) -> None:
    """A full stop stands in the upper right of its place in upright text."""
    shift = 0.6 * _SIGN if sign == "。" else 0.0
    paper.line(x + shift, y - shift, sign, _SIGN, "japan")
