"""A page's text as a person would type it: lines and regions in, blocks, text and Markdown out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actors.content.columns import columns, in_order
from actors.content.direction import Direction, around, direction_of, framed
from actors.content.markdown import block_markdown, page_markdown, page_text
from actors.content.piece import Piece, pieces_of, size_of
from actors.content.region import Region
from actors.content.rows import rows_of
from cluster.page_text import Block, BlockKind, Line, PageText


def arranged(read: PageText, regions: Sequence[Region], width: float, height: float) -> PageText:
    """``read`` with blocks, and with text and Markdown made of them. Every line is in exactly one block.

    regions, width, height: in the unit of the lines, on the page turned upright and straightened, as the lines are.
    """
    return _page(read, regions, width, height)


def plain(read: PageText, width: float, height: float) -> PageText:
    """The same without a layout model: columns and paragraphs by white space alone."""
    return _page(read, (), width, height)


def _page(read: PageText, regions: Sequence[Region], width: float, height: float) -> PageText:
    direction = direction_of(read.lines)
    pieces = pieces_of(read.lines, direction, width)
    size = size_of(pieces)
    boxes = [framed(region.bbox, direction, width) for region in regions]
    members: list[list[Piece]] = [[] for _ in regions]
    rest: list[Piece] = []
    for piece in pieces:
        shares = [_shared(piece, box) for box in boxes]
        best = max(range(len(boxes)), key=lambda i: shares[i], default=None)
        (rest if best is None or shares[best] < 0.5 else members[best]).append(piece)
    parts = [(region.kind, group) for region, group in zip(regions, members, strict=True) if group]
    for column in columns([piece.box for piece in rest], size):
        parts += [(BlockKind.PARAGRAPH, [piece]) for piece in (rest[place] for place in column)]
    order = in_order([around(piece.box for piece in group) for _, group in parts], size)
    blocks = tuple(_block(*parts[place], read.lines, direction) for place in order)
    return replace(read, text=page_text(blocks), markdown=page_markdown(blocks), blocks=blocks)


def _block(kind: BlockKind, group: Sequence[Piece], lines: Sequence[Line], direction: Direction) -> Block:
    rows = rows_of(group, direction)
    text = "\n".join(row.text for row in rows)
    places = tuple(piece.place for row in rows for piece in row.pieces)
    level = {BlockKind.TITLE: 1, BlockKind.HEADING: 2, BlockKind.LIST_ITEM: 1}.get(kind, 0)
    bbox = around(lines[place].bbox for place in places)
    return Block(kind, bbox, places, text, block_markdown(kind, text, level), level)


def _shared(piece: Piece, box: tuple[float, float, float, float]) -> float:
    x0, y0, x1, y1 = piece.box
    across, down = min(x1, box[2]) - max(x0, box[0]), min(y1, box[3]) - max(y0, box[1])
    return max(0.0, across) * max(0.0, down) / max((x1 - x0) * (y1 - y0), 1e-9)
