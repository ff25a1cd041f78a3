"""The order in which the lines of a page are read: rows from top to bottom, and from left to right in a row.

A page that lies on its side, upside down or a little askew is recognised by its lines, most of which then run in that
direction. Rows are taken along it. Columns of print are not told apart here. A page whose characters stand in columns
of their own, as Chinese and Japanese are written, is read column by column from the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from actors.ocr.page_pose import Pose, pose_of, turn_of
from cluster.page_text import Line, Quad

TALL = 1.5  # a line of several characters that is this many times as high as long is a column


def pose_of_lines(lines: Sequence[Line]) -> Pose:
    """How the page lies, by its lines; for the turn each counts with its characters."""
    return pose_of([_corners(line) for line in lines], [len(line.text) for line in lines])


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines by rows, along the direction in which most of them run.

    Two lines share a row where their middles are less than half the lower line's height apart.
    """
    columns = _in_columns(lines)
    x, y = _direction(lines)
    if columns:
        x, y = -y, x  # down the page; across it is then to the left
    placed = sorted((_place(line, x, y, columns) for line in lines), key=lambda place: (place.middle, place.left))
    rows: list[list[_Place]] = []
    for place in placed:
        first = rows[-1][0] if rows else None
        if first is None or place.middle - first.middle > min(place.height, first.height) / 2:
            rows.append([place])
        else:
            rows[-1].append(place)
    return [place.line for row in rows for place in sorted(row, key=lambda place: place.left)]


@dataclass(frozen=True, slots=True)
class _Place:
    """A line on the page laid straight: pixels along (left) and across (middle, height) the reading direction."""

    left: float
    middle: float
    height: float
    line: Line


def _place(line: Line, x: float, y: float, columns: bool) -> _Place:
    quad = _corners(line)
    corners = [(quad[i], quad[i + 1]) for i in range(0, 8, 2)]
    left = min(cx * x + cy * y for cx, cy in corners)
    middle = sum(cy * x - cx * y for cx, cy in corners) / 4
    along, down = _sides(quad)
    return _Place(left, middle, along if columns else down, line)


def _direction(lines: Sequence[Line]) -> tuple[float, float]:
    """The unit vector along which the page is read: the sum of the lines that stand once it is turned upright."""
    turn = pose_of_lines(lines).turn
    quads = [quad for line in lines if turn_of(quad := _corners(line)) == turn]
    x = sum(quad[2] - quad[0] for quad in quads)
    y = sum(quad[3] - quad[1] for quad in quads)
    length = hypot(x, y)
    return (x / length, y / length) if length else (1.0, 0.0)


def _in_columns(lines: Sequence[Line]) -> bool:
    """Whether most characters stand in columns."""
    columns = 0
    for line in lines:
        along, down = _sides(_corners(line))
        columns += len(line.text) if len(line.text) > 1 and down >= TALL * along else 0
    return 2 * columns > sum(len(line.text) for line in lines)


def _sides(quad: Quad) -> tuple[float, float]:
    """Lengths along the line and down."""
    return hypot(quad[2] - quad[0], quad[3] - quad[1]), hypot(quad[6] - quad[0], quad[7] - quad[1])


def _corners(line: Line) -> Quad:
    x0, y0, x1, y1 = line.bbox
    return line.quad or (x0, y0, x1, y0, x1, y1, x0, y1)
