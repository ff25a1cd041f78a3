"""A draft of a block: what it will say, while its page is still being put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actors.content.direction import around
from actors.content.rows import Row
from cluster.page_text import BlockKind, Box, Cell


@dataclass(frozen=True, slots=True)
class Draft:
    """box: in the frame. places: of its lines. row_height: of most of its rows; 0 where it has none. marker: what an
    item of a list begins with; it is no part of ``text``. cells: with boxes in the frame."""

    kind: BlockKind
    places: tuple[int, ...]
    box: Box
    text: str
    row_height: float = 0.0
    rows: int = 0
    marker: str = ""
    level: int = 0
    cells: tuple[Cell, ...] = ()


def draft_of(kind: BlockKind, rows: Sequence[Row], text: str, marker: str = "") -> Draft:
    heights = sorted(row.height for row in rows)
    return Draft(
        kind,
        tuple(piece.place for row in rows for piece in row.pieces),
        around(row.box for row in rows),
        text,
        heights[len(heights) // 2],
        len(rows),
        marker,
    )
