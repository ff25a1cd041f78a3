"""Drop caps: a capital as high as several rows, right of which the first of them begins, with that letter."""

from __future__ import annotations

from collections.abc import Sequence

from actors.content.piece import Piece

TALL = 1.8
"""A drop cap is this many times as high as the rows beside it, at least."""


def follower_of(cap: Piece, pieces: Sequence[Piece]) -> Piece | None:
    """The piece that goes on where the cap begins a word; None where it is no drop cap."""
    if not (0 < len(cap.text) <= 2 and cap.text[-1].isalpha() and cap.text[-1].isupper()):
        return None
    beside = [piece for piece in pieces if piece.place != cap.place and _begins_beside(piece, cap)]
    return min(beside, key=lambda piece: (piece.middle, piece.box), default=None)


def _begins_beside(piece: Piece, cap: Piece) -> bool:
    """Whether the piece is much lower, level with the cap's upper half, and right of it."""
    if cap.height < TALL * piece.height or len(piece.text) < 3:
        return False
    level = cap.box[1] - piece.height / 2 < piece.box[1] < (cap.box[1] + cap.box[3]) / 2
    gap = piece.box[0] - cap.box[2]
    return level and -cap.width / 3 < gap < cap.height
