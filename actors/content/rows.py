"""Rows: pieces that stand side by side, and the text that they make together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actors.content.direction import Direction, around, strong, unspaced
from actors.content.drop_cap import follower_of
from actors.content.piece import Piece
from cluster.page_text import Box


@dataclass(frozen=True, slots=True)
class Row:
    """Pieces from left to right in the frame, and their text in the order in which it is read."""

    pieces: tuple[Piece, ...]
    text: str
    box: Box

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def rows_of(pieces: Iterable[Piece], direction: Direction = Direction.RIGHTWARD) -> list[Row]:
    """From top to bottom. Two pieces share a row where one's middle lies within the other's height, and they do not
    stand above each other."""
    pieces = list(pieces)
    caps = _drop_caps(pieces)
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: (piece.middle, piece.box, piece.text, piece.place)):
        if piece.place in caps:
            continue
        if rows and _fits(piece, rows[-1]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_capped(row_of(row, direction), caps) for row in rows]


def row_of(pieces: Sequence[Piece], direction: Direction = Direction.RIGHTWARD) -> Row:
    ordered = sorted(pieces, key=lambda piece: (piece.box[0], piece.box, piece.text, piece.place))
    return Row(tuple(ordered), row_text(ordered, direction), around(piece.box for piece in ordered))


def row_text(ordered: Sequence[Piece], direction: Direction) -> str:
    """The text of pieces that stand from left to right in the frame. A row of the other script in a page that is read
    from right to left is read from left to right, as it is written."""
    texts = [piece.text for piece in ordered if piece.text]
    if direction is Direction.LEFTWARD and len(texts) > 1:
        leftward, rightward = strong("".join(texts))
        if rightward > leftward:
            texts.reverse()
    return joined(texts)


def joined(texts: Iterable[str]) -> str:
    """With a space between, but for scripts that have none."""
    result = ""
    for text in texts:
        if not result or not text or (unspaced(result[-1]) and unspaced(text[0])):
            result += text
        else:
            result += f" {text}"
    return result


def _drop_caps(pieces: Sequence[Piece]) -> dict[int, tuple[int, Piece]]:
    """By the place of a drop cap: the place of the piece that it begins, and itself."""
    found: dict[int, tuple[int, Piece]] = {}
    for piece in pieces:
        if len(piece.text) <= 2 and (follower := follower_of(piece, pieces)):
            found[piece.place] = (follower.place, piece)
    return found


def _capped(row: Row, caps: dict[int, tuple[int, Piece]]) -> Row:
    """The row with its drop cap before its first letter; the box stays that of the row."""
    places = {piece.place for piece in row.pieces}
    for follower, cap in caps.values():
        if follower in places:
            between = "" if row.text[:1].isalpha() else " "
            row = Row((cap, *row.pieces), f"{cap.text}{between}{row.text}", row.box)
    return row


def _fits(piece: Piece, row: Sequence[Piece]) -> bool:
    first = row[0]
    if piece.middle - first.middle > min(piece.height, first.height) / 2:
        return False
    return all(_beside(piece.box, other.box) for other in row)


def _beside(box: Box, other: Box) -> bool:
    """Whether they overlap, across the page, by less than a third of the narrower one."""
    overlap = min(box[2], other[2]) - max(box[0], other[0])
    return overlap * 3 <= min(box[2] - box[0], other[2] - other[0])
