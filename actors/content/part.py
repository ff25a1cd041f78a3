"""Parts of a page: pieces that a region or white space holds together, before they are put in order.

A piece goes to the region that holds most of it; where several hold it whole, a table comes before what is in it, and
otherwise the smaller one. A piece that no region holds joins the part whose next row it is, or beside whose row it
stands; what is left is gathered by white space into parts of its own. Nothing is lost.

Regions are not trusted where pieces speak against them: text that stands in two columns is parted at their gutter,
a figure full of prose (a scan's background, handwriting) is read as text, and labels and their values are one part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from actors.content.columns import SLACK_X, Paired, columns
from actors.content.direction import Direction, around
from actors.content.drop_cap import follower_of
from actors.content.found_table import found_tables, is_table
from actors.content.paired_rows import pairs_up
from actors.content.piece import Piece
from actors.content.region import Grid, Region
from actors.content.rows import Row, rows_of
from cluster.page_text import BlockKind, Box

_FLOWING = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.FOOTNOTE, BlockKind.CAPTION)
_WIDE_GUTTER = 1.0
_PROSE = 25
"""Characters in a row of prose, at least."""

FULL = 0.75
"""How much of a table's width a row of prose fills that its region holds as well."""


@dataclass(frozen=True, slots=True)
class Part:
    """regioned: the layout model told its kind. box: of its pieces, in the frame. grid: of a table, if told."""

    kind: BlockKind
    pieces: tuple[Piece, ...]
    box: Box
    regioned: bool = False
    grid: Grid | None = None

    @property
    def core(self) -> Box:
        """The box without what sticks out of it at the sides: one piece in eight may, by a smear or a misread box."""
        x0, y0, x1, y1 = self.box
        spare = len(self.pieces) // 8
        if spare:
            x0 = sorted(piece.box[0] for piece in self.pieces)[spare]
            x1 = sorted(piece.box[2] for piece in self.pieces)[-1 - spare]
        return x0, y0, max(x0, x1), y1


def part_of(kind: BlockKind, pieces: Iterable[Piece], regioned: bool = False, grid: Grid | None = None) -> Part:
    pieces = tuple(pieces)
    return Part(kind, pieces, around(piece.box for piece in pieces), regioned, grid)


def parts_of(pieces: Sequence[Piece], regions: Sequence[Region], size: float, direction: Direction) -> list[Part]:
    """Every piece in exactly one part, in no order. regions: in the frame."""
    members: list[list[Piece]] = [[] for _ in regions]
    rest: list[Piece] = []
    for piece in pieces:
        home = _home(piece, regions)
        (rest if home is None else members[home]).append(piece)
    parts: list[Part] = []
    for region, group in zip(regions, members, strict=True):
        if not group:
            continue
        if region.kind is BlockKind.TABLE:
            group, prose = _without_prose(group, direction)
            rest += prose
        part = part_of(region.kind, group, True, region.grid)
        if region.kind is BlockKind.PARAGRAPH and is_table(rows_of(group, direction), size):
            parts.append(replace(part, kind=BlockKind.TABLE))
        elif region.kind is BlockKind.FIGURE and _is_prose(rows_of(group, direction)):
            rest += group
        elif region.kind in _FLOWING:
            parts += _parted(part, size)
        else:
            parts.append(part)
    parts, rest = _adopted(_without_inner_headings(parts, size), rest, size)
    return _with_drop_caps(_with_values(parts + gathered(rest, size, direction), size))


def gathered(pieces: Sequence[Piece], size: float, direction: Direction) -> list[Part]:
    """Pieces parted by white space alone, in the order in which they are read."""
    parts: list[Part] = []
    rows = rows_of(pieces, direction)
    start = 0
    for first, end in found_tables(rows, size):
        parts += _columned(rows[start:first], size, direction)
        parts.append(part_of(BlockKind.TABLE, [piece for row in rows[first:end] for piece in row.pieces]))
        start = end
    return parts + _columned(rows[start:], size, direction)


def _columned(rows: Sequence[Row], size: float, direction: Direction) -> list[Part]:
    """The pieces of these rows by columns, each parted where its rows stand apart."""
    pieces = [piece for row in rows for piece in row.pieces]
    parts: list[Part] = []
    for group in columns([piece.box for piece in pieces], size, paired=paired_pieces(pieces, size)):
        rows = rows_of([pieces[place] for place in group], direction)
        start = 0
        for end in range(1, len(rows) + 1):
            if end == len(rows) or _apart(rows[end - 1], rows[end], size):
                parts.append(part_of(BlockKind.PARAGRAPH, [piece for row in rows[start:end] for piece in row.pieces]))
                start = end
    return parts


def paired_pieces(pieces: Sequence[Piece], size: float) -> Paired:
    """Of places of these pieces."""
    return lambda left, right: pairs_up([pieces[at] for at in left], [pieces[at] for at in right], size)


def paired_parts(parts: Sequence[Part], size: float) -> Paired:
    """Of places of these parts."""

    def pieces(places: Sequence[int]) -> list[Piece]:
        return [piece for at in places for piece in parts[at].pieces]

    return lambda left, right: pairs_up(pieces(left), pieces(right), size)


def _with_values(parts: list[Part], size: float) -> list[Part]:
    """Parts that are several labels, and what stands beside them, their values, as one."""
    for labels in [part for part in parts if part.kind in _FLOWING and len(part.pieces) > 1]:
        beside = [part for part in parts if part is not labels and _stands_right_of(part, labels, size)]
        values = [piece for part in beside for piece in part.pieces]
        if labels in parts and pairs_up(labels.pieces, values, size):
            joined = part_of(BlockKind.PARAGRAPH, (*labels.pieces, *values), labels.regioned)
            parts = [joined if part is labels else part for part in parts if part not in beside]
    return parts


def _without_inner_headings(parts: list[Part], size: float) -> list[Part]:
    """The parts with headings that lie inside a part of text, level with a row of it and no larger, joined to it."""
    for heading in [part for part in parts if part.kind is BlockKind.HEADING and len(part.pieces) == 1]:
        piece = heading.pieces[0]
        home = next((part for part in parts if part.kind in _FLOWING and _holds_level(part, piece, size)), None)
        if home is not None:
            joined = replace(home, pieces=(*home.pieces, piece), box=around((home.box, piece.box)))
            parts = [joined if part is home else part for part in parts if part is not heading]
    return parts


def _holds_level(part: Part, piece: Piece, size: float) -> bool:
    x0, y0, x1, y1 = part.box
    inside = (
        x0 < piece.box[0] and piece.box[2] < x1 + size and y0 - size / 2 < piece.box[1] < piece.box[3] < y1 + size / 2
    )
    beside = [other for other in part.pieces if abs(other.middle - piece.middle) < size / 4]
    return inside and any(piece.height < 1.25 * other.height and other.box[2] < piece.box[0] for other in beside)


def _stands_right_of(part: Part, labels: Part, size: float) -> bool:
    """Whether it stands beside them, from the first row to the last at most. A value may be taken for a heading."""
    if part.kind not in (*_FLOWING, BlockKind.HEADING) or part.box[0] < labels.box[2] - SLACK_X * size:
        return False
    return part.box[1] > labels.box[1] - size and part.box[3] < labels.box[3] + size


def _with_drop_caps(parts: list[Part]) -> list[Part]:
    """Parts of nothing but a drop cap joined to the text that it begins."""
    for cap in [part for part in parts if len(part.pieces) == 1 and len(part.pieces[0].text) <= 2]:
        others = [part for part in parts if part is not cap and part.kind in _FLOWING]
        follower = follower_of(cap.pieces[0], [piece for part in others for piece in part.pieces])
        home = next((part for part in others if follower in part.pieces), None)
        if home is not None:
            joined = replace(home, pieces=(*home.pieces, *cap.pieces), box=around((home.box, cap.box)))
            parts = [joined if part is home else part for part in parts if part is not cap]
    return parts


def _apart(above: Row, below: Row, size: float) -> bool:
    """Whether two rows of a column belong to different parts: far apart, or of clearly different size."""
    height = min(above.height, below.height)
    if below.box[1] - above.box[3] > 0.9 * max(height, size * 0.7):
        return True
    return max(above.height, below.height) > 1.35 * height and min(len(above.text), len(below.text)) > 3


def _home(piece: Piece, regions: Sequence[Region]) -> int | None:
    """The region that holds it: half of its width, and half of what lies about its middle."""
    best: tuple[float, float, float, int] | None = None
    for place, region in enumerate(regions):
        share = _share(piece, region.bbox)
        if share < 0.5:
            continue
        x0, y0, x1, y1 = region.bbox
        whole = share > 0.85
        table = whole and region.kind is BlockKind.TABLE
        key = (-2.0 if table else -1.0 if whole else -share, (x1 - x0) * (y1 - y0), region.bbox[1], place)
        if best is None or key < best:
            best = key
    return None if best is None else best[3]


def _share(piece: Piece, box: Box) -> float:
    x0, y0, x1, y1 = piece.box
    quarter = (y1 - y0) / 4
    across = min(x1, box[2]) - max(x0, box[0])
    down = min(y1 - quarter, box[3]) - max(y0 + quarter, box[1])
    if across <= 0 or down <= 0:
        return 0.0
    return min(1.0, across / max(x1 - x0, 1e-9)) * min(1.0, down / max(2 * quarter, 1e-9))


def _is_prose(rows: Sequence[Row]) -> bool:
    """Whether rows are mostly long and below each other, as no labels in a picture are."""
    long = sum(len(row.text) >= _PROSE and len(row.pieces) < 3 for row in rows)
    return len(rows) >= 3 and long * 2 > len(rows)


def _without_prose(pieces: list[Piece], direction: Direction) -> tuple[list[Piece], list[Piece]]:
    """The pieces of a table without those of a paragraph right above or below that its region holds as well: rows of
    one piece, two of them long and as wide as the table."""
    rows = rows_of(pieces, direction)
    wide = FULL * (max(row.box[2] for row in rows) - min(row.box[0] for row in rows))
    first, end = 0, len(rows)
    while first < end and len(rows[first].pieces) == 1:
        first += 1
    while end > first and len(rows[end - 1].pieces) == 1:
        end -= 1
    if end - first < 2:
        return pieces, []
    taken: list[Piece] = []
    for lone in (rows[:first], rows[end:]):
        if sum(len(row.text) >= _PROSE and row.box[2] - row.box[0] > wide for row in lone) > 1:
            taken += [piece for row in lone for piece in row.pieces]
    return [piece for piece in pieces if piece not in taken], taken


def _parted(part: Part, size: float) -> list[Part]:
    """A part whose pieces stand in two columns or more, as one part for each."""
    groups = columns([piece.box for piece in part.pieces], size, _WIDE_GUTTER, paired_pieces(part.pieces, size))
    if len(groups) < 2:
        return [part]
    return [part_of(part.kind, [part.pieces[place] for place in group], True) for group in groups]


def _adopted(parts: list[Part], rest: Sequence[Piece], size: float) -> tuple[list[Part], list[Piece]]:
    """Pieces that continue a part of running text join it; the parts, and the pieces that are left."""
    left: list[Piece] = []
    for piece in rest:
        near = [i for i, part in enumerate(parts) if _continues(part, piece, size)]
        if len(near) == 1:
            part = parts[near[0]]
            pieces = (*part.pieces, piece)
            parts[near[0]] = replace(part, pieces=pieces, box=around((part.box, piece.box)))
        else:
            left.append(piece)
    return parts, left


def _continues(part: Part, piece: Piece, size: float) -> bool:
    if part.kind not in _FLOWING or not part.regioned:
        return False
    x0, y0, x1, y1 = part.box
    px0, py0, px1, py1 = piece.box
    typical = sorted(other.height for other in part.pieces)[len(part.pieces) // 2]
    if not 0.75 < piece.height / typical < 1.33:
        return False
    if y0 < piece.middle < y1:
        return px0 < x1 + 1.2 * size and px1 > x0 - 1.2 * size
    inside = x0 - size < px0 and px1 < x1 + size
    return inside and py0 < y1 + 0.35 * typical and py1 > y0 - 0.35 * typical
