"""What all drawn pages with checks are made of: the drawing, the checks of its columns, running lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pymupdf

from benchmarks.drawn_paper import Paper, Rect, Style
from benchmarks.judged_text import judged
from benchmarks.quality_checks import Check, Order, Present
from benchmarks.random_prose import Prose
from benchmarks.worn_pages import Wear, as_it_is


@dataclass(frozen=True, slots=True)
class Drawing:
    """document: one page. ideal: the Markdown of a perfect reading, which passes all checks."""

    document: pymupdf.Document
    checks: tuple[Check, ...]
    ideal: str
    wear: Wear = as_it_is


def whole_in(document: pymupdf.Document, rect: Rect, sentences: Sequence[str]) -> list[str]:
    """Those of the sentences that stand in the box from their first letter to their last."""
    text = judged(document[0].get_text("text", clip=pymupdf.Rect(rect)))
    return [sentence for sentence in sentences if judged(sentence) in text]


def column_checks(document: pymupdf.Document, rects: Sequence[Rect], sentences: Sequence[str]) -> list[Check]:
    """The foot of each column comes before the head of the next, and a sentence that runs over is whole."""
    inside = [whole_in(document, rect, sentences) for rect in rects]
    checks: list[Check] = []
    for left, right in pairwise(found for found in inside if found):
        checks.append(Order(left[-1], right[0]))
        over = sentences[sentences.index(left[-1]) + 1 : sentences.index(right[0])]
        checks += [Present(sentence) for sentence in over]
    return checks


def some_style(prose: Prose, size: float = 10.5) -> Style:
    family = prose.chance.choice(("serif", "sans-serif"))
    return Style(family, size + prose.chance.choice((-0.5, 0.0, 0.5)), align=prose.chance.choice(("justify", "left")))


def running_lines(paper: Paper, prose: Prose, *, numbered_below: bool = False) -> tuple[str, str]:
    """A running header and a page number; what they say."""
    title, number = prose.title(4), str(prose.chance.randint(101, 899))
    paper.centred(paper.width / 2, 38, title, 9, "tiit")
    if numbered_below:
        paper.centred(paper.width / 2, paper.height - 32, number, 10)
    else:
        paper.line(paper.width - 80, 38, number, 10)
    return title, number
