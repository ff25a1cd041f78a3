"""A page's text as a person would type it: lines and regions in, blocks, text and Markdown out.

Lines become pieces in the frame in which every page is read rightward and down (direction.py); regions and white
space hold pieces together as parts (part.py), some of which are running lines (running_lines.py); parts are put in
order (columns.py) and become drafts: paragraphs and items (paragraphs.py), headings (headings.py), tables
(tables.py). What goes on in another column is joined, and drafts become blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from actors.content import markdown
from actors.content.column_edges import cores
from actors.content.columns import in_order
from actors.content.direction import Direction, around, direction_of, unframed
from actors.content.draft import Draft, draft_of
from actors.content.footnotes import footnotes_last
from actors.content.found_notes import with_found_notes
from actors.content.headings import with_headings, with_levels, without_prose
from actors.content.hyphens import flowing, words_of
from actors.content.items import with_neighbours
from actors.content.line_numbers import line_numbers
from actors.content.lists import levels
from actors.content.paragraphs import continued, paragraphs
from actors.content.part import Part, gathered, paired_parts, part_of, parts_of
from actors.content.piece import Piece, pieces_of, size_of
from actors.content.region import Region, framed_region
from actors.content.rows import Row, rows_of
from actors.content.running_lines import with_running
from actors.content.running_marks import is_stamp
from actors.content.sideways import split
from actors.content.tables import cells_of
from cluster.page_text import Block, BlockKind, Cell, Line, PageText

_HEADED = (BlockKind.TITLE, BlockKind.HEADING)


def arranged(read: PageText, regions: Sequence[Region], width: float, height: float) -> PageText:
    """``read`` with blocks, and with text and Markdown made of them. Every line is in exactly one block.

    regions, width, height: in the unit of the lines, on the page turned upright and straightened, as the lines are.
    """
    direction = direction_of(read.lines)
    framed = [framed_region(region, direction, width) for region in regions]

    def ordered(pieces: Sequence[Piece], size: float) -> list[Part]:
        parts = with_running(parts_of(pieces, framed, size, direction), height, size, direction)
        if direction is Direction.RIGHTWARD:
            parts = with_found_notes(parts, height)
        return [parts[place] for place in in_order(cores(parts, size), size, paired_parts(parts, size))]

    return _composed(read, ordered, direction, width)


def plain(read: PageText, width: float, height: float) -> PageText:
    """The same without a layout model: columns and paragraphs by white space alone."""
    direction = direction_of(read.lines)

    def ordered(pieces: Sequence[Piece], size: float) -> list[Part]:
        return with_running(gathered(pieces, size, direction), height, size, direction)

    return _composed(read, ordered, direction, width)


def _composed(
    read: PageText, ordered: Callable[[Sequence[Piece], float], list[Part]], direction: Direction, width: float
) -> PageText:
    """ordered: makes parts of pieces, in reading order."""
    words = words_of(line.text for line in read.lines)
    pieces = pieces_of(read.lines, direction, width)
    size = size_of(pieces)
    numbers = line_numbers(pieces, size) if direction is Direction.RIGHTWARD else frozenset()
    texts = [piece for piece in pieces if piece.place not in numbers]
    first, middle, last = split(texts, size, direction)
    stamps = last if is_stamp(" ".join(piece.text for piece in last)) else []
    parts = [part for group in (first, middle, last) if group and group is not stamps for part in ordered(group, size)]
    text = [part for part in parts if not part.kind.running]
    heads = [part for part in parts if part.kind is BlockKind.PAGE_HEADER]
    beside = [[piece for piece in pieces if piece.place in numbers], stamps]
    heads += [part_of(BlockKind.PAGE_HEADER, group) for group in beside if group]
    feet = [part for part in parts if part.kind is BlockKind.PAGE_FOOTER]
    drafts = [draft for part in text for draft in _drafts(part, words, size, direction)]
    drafts = continued(footnotes_last(without_prose(drafts, size)), words)
    drafts = with_levels(with_headings(drafts, size))
    drafts = _nested(with_neighbours(drafts), size)
    running = [[_whole(part, rows_of(part.pieces, direction)) for part in each] for each in (heads, feet)]
    blocks = tuple(_block(draft, read.lines, direction, width) for draft in [*running[0], *drafts, *running[1]])
    return replace(read, text=markdown.page_text(blocks), markdown=markdown.page_markdown(blocks), blocks=blocks)


def _drafts(part: Part, words: frozenset[str], size: float, direction: Direction) -> list[Draft]:
    kind = part.kind
    if kind is BlockKind.TABLE:
        if cells := cells_of(part, words, direction):
            return [_table(part, cells, direction)]
        columns = gathered(part.pieces, size, direction)
        return [draft for each in columns for draft in paragraphs(rows_of(each.pieces, direction), words)]
    rows = rows_of(part.pieces, direction)
    if kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
        return paragraphs(rows, words, kind is BlockKind.LIST_ITEM)
    if kind in (BlockKind.CAPTION, BlockKind.FOOTNOTE):
        return [replace(draft, kind=kind, text=_marked(draft), marker="") for draft in paragraphs(rows, words)]
    if kind in _HEADED:
        return [draft_of(kind, rows, flowing([row.text for row in rows], words))]
    return [_whole(part, rows)]


def _whole(part: Part, rows: Sequence[Row]) -> Draft:
    """One block whose rows are lines."""
    return draft_of(part.kind, rows, "\n".join(row.text for row in rows))


def _table(part: Part, cells: tuple[Cell, ...], direction: Direction) -> Draft:
    draft = draft_of(BlockKind.TABLE, rows_of(part.pieces, direction), "")
    lines: dict[int, list[str]] = {}
    for cell in cells:
        lines.setdefault(cell.row, []).append(cell.text)
    return replace(draft, text="\n".join("\t".join(texts).rstrip() for texts in lines.values()), cells=cells)


def _marked(draft: Draft) -> str:
    """The text with the marker that was taken for an item's."""
    return f"{draft.marker} {draft.text}" if draft.marker else draft.text


def _nested(drafts: Sequence[Draft], size: float) -> list[Draft]:
    """Items of lists with their levels: those that follow each other, by their left edges."""
    result = list(drafts)
    start = 0
    while start < len(result):
        end = start
        while end < len(result) and result[end].kind is BlockKind.LIST_ITEM:
            end += 1
            if end < len(result) and result[end].box[1] < result[end - 1].box[1]:
                break  # the next column
        items = result[start:end]
        for place, level in enumerate(levels([item.box[0] for item in items], size), start=start):
            result[place] = replace(result[place], level=level)
        start = max(end, start + 1)
    return result


def _block(draft: Draft, lines: Sequence[Line], direction: Direction, width: float) -> Block:
    bbox = around(lines[place].bbox for place in draft.places)
    text = _marked(draft) if draft.kind is BlockKind.LIST_ITEM else draft.text
    cells = tuple(replace(cell, bbox=unframed(cell.bbox, direction, width)) for cell in draft.cells)
    return Block(draft.kind, bbox, draft.places, text, _markdown(draft), draft.level, cells)


def _markdown(draft: Draft) -> str:
    if not draft.text and not draft.cells:
        return ""
    if draft.kind in _HEADED:
        return markdown.heading(draft.text, draft.level)
    if draft.kind is BlockKind.LIST_ITEM:
        return markdown.list_item(draft.text, draft.marker, draft.level)
    if draft.cells:
        return markdown.table(draft.cells)
    return markdown.paragraph(draft.text)
