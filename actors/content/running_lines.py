"""Running headers and footers: what stands above or below a page's text on every page, and is no part of it.

The layout model's word is taken where it can be true: at the top or the bottom of the page, a few rows. What it
missed is found by rule, in the first and the last row of the page's text alone, where that row stands apart from the
rest and its letters are not larger: a page number (``12``, ``- xii -``, ``Page 3 of 7``), or words with a page number
far from them in the same row; at the bottom also a web address, a dated print or a copyright. Anything else stays: a
title at the top, a letter's sender, a heading that begins with a number.

A page without a page number may be a sheet of its own, and what stands at its edges part of what it says: the place and
date of a letter, a bank account. There the model is believed of small print that carries no facts. What repeats from
page to page is told where the pages are joined (repeated_lines.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median
from unicodedata import normalize

from actors.content.direction import Direction
from actors.content.part import Part, part_of
from actors.content.piece import Piece
from actors.content.rows import Row, row_of, rows_of
from actors.content.running_marks import (
    carries_facts,
    is_dated,
    is_one_of_one,
    is_page_number,
    is_published,
    names_paper,
    tells_foot,
    tells_foot_alone,
)
from cluster.page_text import BlockKind

EDGE = 0.2
"""Running headers and footers stand in this share of the page's height, at the top and at the bottom."""

MOST_ROWS = 4

FOOTER_ROWS = 2
"""A footer of more rows is an address or the like, unless a page number or its like stands in it."""

LARGE = 1.5
"""Letters this many times as high as the page's text are no running header's."""

LARGER = 1.2
"""From here on letters are larger than the text's, and not by chance."""

SMALL = 0.78
"""Lines lower than so many times the page's text are small print; those without tails of letters are lower, too."""

FAR, FAR_SMALL = 3.0, 1.5
"""On a page without number a running footer stands so far below the text, in heights of it."""

VERY_FOOT = 0.92
"""There it begins so far down the page, in letters of the text's size."""

VALUE = 20
"""Characters of a form's value, at most."""

_NOTE_SIGNS = frozenset("*†‡§")
_LEADER = re.compile(r"[.·…_]{4}|(?:\. ){3}")


def with_running(parts: Sequence[Part], height: float, size: float, direction: Direction) -> list[Part]:
    """The parts with those that are running headers and footers told, and those told wrongly made text."""
    if direction is Direction.DOWNWARD:
        return list(parts)  # the frame's top is no top of the page
    judged = [_judged(part, parts, height, size, direction) for part in parts]
    for top in (True, False):
        for _ in range(2):
            found = _missed(judged, top, height, size, direction)
            if found is None:
                break
            judged = found
    return judged


def _judged(part: Part, parts: Sequence[Part], height: float, size: float, direction: Direction) -> Part:
    """The model's word, unless it can't be true. Large letters at the top are a title, rows with marks are notes."""
    if not part.kind.running:
        return part
    rows = rows_of(part.pieces, direction)
    if part.kind is BlockKind.PAGE_HEADER and _is_large(rows, parts, size):
        return replace(part, kind=BlockKind.HEADING)
    if part.kind is BlockKind.PAGE_FOOTER and _are_notes(rows):
        return replace(part, kind=BlockKind.FOOTNOTE)
    if part.kind is BlockKind.PAGE_HEADER and any(_is_title_above(other, part, size) for other in parts):
        return replace(part, kind=BlockKind.PARAGRAPH)
    if part.kind is BlockKind.PAGE_HEADER and _is_like_text(rows, part, parts, height, size):
        return replace(part, kind=BlockKind.HEADING)
    if part.kind is BlockKind.PAGE_FOOTER and len(rows) > FOOTER_ROWS and not _tells_footer(rows):
        return replace(part, kind=BlockKind.PARAGRAPH)
    if not _is_numbered(parts) and _is_sheets_own(rows, part, parts, height, size):
        return replace(part, kind=BlockKind.PARAGRAPH)
    if _at_edge(part, parts, height) and (len(rows) <= MOST_ROWS or sum(len(row.text) for row in rows) < 200):
        return part
    return replace(part, kind=BlockKind.PARAGRAPH)


def _is_large(rows: Sequence[Row], parts: Sequence[Part], size: float) -> bool:
    """Whether its letters are too large for a running header; on a page without number all larger ones are."""
    if max(row.height for row in rows) > LARGE * size:
        return True
    return min(row.height for row in rows) > LARGER * size and not _is_numbered(parts)


def _is_title_above(other: Part, header: Part, size: float) -> bool:
    """Whether the page's title stands above it: no running header does."""
    if other.kind.running or other.box[3] > header.box[1] + size / 2:
        return False
    titled = other.kind in (BlockKind.TITLE, BlockKind.HEADING)
    return titled or max(piece.height for piece in other.pieces) > LARGE * size


def _is_like_text(rows: Sequence[Row], header: Part, parts: Sequence[Part], height: float, size: float) -> bool:
    """Whether it looks as the text below does, on a page without footer and number: a sheet of its own has a title.

    Running headers are centred, at the outer edge, in smaller letters, or on numbered pages: mostly several of these.
    """
    texts = [other for other in parts if not other.kind.running]
    alone = len(texts) == len(parts) - 1
    if len(rows) != 1 or not texts or not alone or rows[0].height < 0.9 * size:
        return False
    at_edges = [piece for part in parts for piece in part.pieces if _in_margin(piece, height)]
    left = min(other.box[0] for other in texts)
    return abs(header.box[0] - left) < size and not any(is_page_number(piece.text) for piece in at_edges)


def _is_numbered(parts: Sequence[Part]) -> bool:
    """Whether a page number stands among the running lines or in the first or last row: one of several pages."""
    pieces = [piece for part in parts for piece in part.pieces]
    top, low = min(pieces, key=lambda piece: piece.middle), max(pieces, key=lambda piece: piece.middle)
    outer = [piece for piece in pieces if _same_row(piece, top) or _same_row(piece, low)]
    outer += [piece for part in parts if part.kind.running for piece in part.pieces]
    numbers = [piece for piece in outer if is_page_number(piece.text) and not is_one_of_one(piece.text)]
    return any(not names_paper(_row_around(number, pieces)) for number in numbers)


def _row_around(piece: Piece, pieces: Sequence[Piece]) -> str:
    """The text of the row in which it stands, over the whole width of the page."""
    return row_of([other for other in pieces if _same_row(other, piece)]).text


def _is_sheets_own(rows: Sequence[Row], part: Part, parts: Sequence[Part], height: float, size: float) -> bool:
    """Whether it may be a part of what a page without number says: it carries facts, or stands near the text."""
    text = "\n".join(row.text for row in rows)
    if is_published(text):
        return False
    if carries_facts(text) or names_paper(_row_around(part.pieces[0], [p for each in parts for p in each.pieces])):
        return True
    if tells_foot(text):
        return False
    if part.kind is BlockKind.PAGE_HEADER or is_dated(text):
        return is_dated(text) and not _ends_three(part, parts)
    large = median(row.height for row in rows) >= SMALL * size
    above = [other.box[3] for other in parts if not other.kind.running and other.box[1] < part.box[1]]
    gap = part.box[1] - max(above, default=float("-inf"))
    return gap < (FAR if large else FAR_SMALL) * size or (large and part.box[1] < VERY_FOOT * height)


def _ends_three(part: Part, parts: Sequence[Part]) -> bool:
    """Whether two running lines or more stand beside it in its row, as in a journal's header with its date."""
    running = [piece for other in parts if other.kind.running for piece in other.pieces]
    return sum(_same_row(piece, part.pieces[0]) for piece in running) > 2


def _in_margin(piece: Piece, height: float) -> bool:
    return piece.box[3] < height * EDGE or piece.box[1] > height * (1 - EDGE)


def _tells_footer(rows: Sequence[Row]) -> bool:
    """Whether a page number, a web address, a dated print or a copyright stands in it."""
    pieces = [piece.text for row in rows for piece in row.pieces]
    return any(is_page_number(text) or tells_foot(text) for text in pieces)


def _at_edge(part: Part, parts: Sequence[Part], height: float) -> bool:
    _, y0, _, y1 = part.box
    if y1 < height * EDGE or y0 > height * (1 - EDGE):
        return True
    middles = [(other.box[1] + other.box[3]) / 2 for other in parts if not other.kind.running]
    return all(middle > y1 for middle in middles) or all(middle < y0 for middle in middles)


def _are_notes(rows: Sequence[Row]) -> bool:
    """Whether the rows begin with 1, 2, 3, also raised ones, or with different signs of notes."""
    marks = [normalize("NFKC", row.text[:1]) for row in rows]
    if len(rows) < 2 or len(set(marks)) < len(marks):
        return False
    counted = all(mark.isdecimal() for mark in marks) and all(int(b) == int(a) + 1 for a, b in pairwise(marks))
    return counted or all(mark in _NOTE_SIGNS for mark in marks)


def _missed(parts: list[Part], top: bool, height: float, size: float, direction: Direction) -> list[Part] | None:
    """The parts with the outermost row of the text made a running line of its own. None where it is none.

    What is told as running already and stands beside it belongs to the row: a page number tells the title beside it."""
    pieces = [(piece, part) for part in parts if not part.kind.running for piece in part.pieces]
    if not pieces:
        return None
    outer = min(pieces, key=lambda pair: pair[0].middle if top else -pair[0].middle)[0]
    row_pieces = [pair for pair in pieces if _same_row(pair[0], outer)]
    if any(part.kind in (BlockKind.TABLE, BlockKind.FIGURE) for _, part in row_pieces):
        return None
    beside = [piece for part in parts if part.kind.running for piece in part.pieces if _same_row(piece, outer)]
    row = rows_of([*(piece for piece, _ in row_pieces), *beside], direction)
    others = [piece for piece, _ in pieces if not _same_row(piece, outer)]
    if len(row) != 1 or not others or not _is_running(row[0], others, top, height, size):
        return None
    taken = {piece.place for piece, _ in row_pieces}
    kind = BlockKind.PAGE_HEADER if top else BlockKind.PAGE_FOOTER
    result = [part_of(kind, [piece for piece in row[0].pieces if piece.place in taken])]
    for part in parts:
        if part.kind.running:
            result.append(part)
            continue
        kept = [piece for piece in part.pieces if piece.place not in taken]
        if len(kept) == len(part.pieces):
            result.append(part)
        elif kept:
            result.append(part_of(part.kind, kept, part.regioned, part.grid))
    return result


def _same_row(piece: Piece, outer: Piece) -> bool:
    return abs(piece.middle - outer.middle) <= max(min(piece.height, outer.height), outer.height * 0.6) / 2


def _is_running(row: Row, others: Sequence[Piece], top: bool, height: float, size: float) -> bool:
    within = row.box[3] < height * EDGE if top else row.box[1] > height * (1 - EDGE)
    if not within or row.height > 1.25 * size:
        return False
    gap = min(piece.box[1] for piece in others) - row.box[3] if top else row.box[1] - max(p.box[3] for p in others)
    if all(is_page_number(piece.text) for piece in row.pieces):
        return gap > 0.2 * size
    if _has_page_number(row, size):
        labelled = names_paper(row.text) or (_heads_values if top else _ends_sums)(row, others, size)
        return gap > 0.2 * size and _stands_apart(row, others, top) and not labelled
    return not top and gap > 0.8 * size and len(row.text) < 120 and tells_foot_alone(row.text)


def _has_page_number(row: Row, size: float) -> bool:
    """Whether a page number stands far from the words, which are few, at the end of the row or at its beginning: there
    further, since headings have their numbers there."""
    first, last = row.pieces[0], row.pieces[-1]
    if len(row.pieces) < 2 or len(row.text) > 100 or _LEADER.search(row.text):
        return False
    if is_page_number(last.text) and last.box[0] - row.pieces[-2].box[2] > 1.5 * size:
        return True
    return is_page_number(first.text) and row.pieces[1].box[0] - first.box[2] > 4 * size


def _heads_values(row: Row, others: Sequence[Piece], size: float) -> bool:
    """Whether one of the next two rows has a short piece right below its own last one, behind another piece, as a form
    has values below each other."""
    last = row.pieces[-1]
    below = [other.pieces for other in rows_of(others)[:2] if len(other.pieces) > 1]
    return any(
        min(abs(pieces[-1].box[0] - last.box[0]), abs(pieces[-1].box[2] - last.box[2])) < size
        and len(pieces[-1].text) <= VALUE
        for pieces in below
    )


def _ends_sums(row: Row, others: Sequence[Piece], size: float) -> bool:
    """Whether two rows above have figures right above its own, as above a total."""
    last = row.pieces[-1]
    ends = [other.pieces[-1] for other in rows_of(others) if len(other.pieces) > 1]
    return sum(abs(end.box[2] - last.box[2]) < size and any(map(str.isdecimal, end.text)) for end in ends) > 1


def _stands_apart(row: Row, others: Sequence[Piece], top: bool) -> bool:
    """Whether the way to the next row is longer than it mostly is from row to row."""
    middles = [other.middle for other in rows_of(others)]
    ways = sorted(b - a for a, b in pairwise(middles))
    way = middles[0] - row.middle if top else row.middle - middles[-1]
    return not ways or way > 1.25 * ways[len(ways) // 2]
