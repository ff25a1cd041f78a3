"""Lines that run across the direction in which the page is read: up its margin, or over a page of vertical Japanese.

They reach over many rows, and would hold together what white space parts: so the page is put in order without them.
On a page that is read rightward or leftward they come last; over one that is read downward what stands at the top
comes first.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.content.direction import Direction
from actors.content.piece import Piece

TALL = 2.5
"""A line that runs sideways is this many times as high as wide in the frame, and three heights of the text high."""


def split(pieces: Sequence[Piece], size: float, direction: Direction) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """The lines to be read before the others, the others, and those to be read after them."""
    sideways = [piece for piece in pieces if is_sideways(piece, size)]
    if len(sideways) * 2 > len(pieces):
        return [], list(pieces), []
    others = [piece for piece in pieces if not is_sideways(piece, size)]
    if direction is not Direction.DOWNWARD:
        return [], others, sideways
    middle = sorted((piece.box[0] + piece.box[2]) / 2 for piece in others)[len(others) // 2] if others else 0.0
    first = [piece for piece in sideways if piece.box[2] < middle]
    return first, others, [piece for piece in sideways if piece not in first]


def is_sideways(piece: Piece, size: float) -> bool:
    return len(piece.text) > 2 and piece.height > TALL * piece.width and piece.height > 3 * size
