"""How a page lies: by which quarter it must be turned to be read, and how far its lines run askew then.

Told by where its lines lie, each line's first corner being its own top left. A line is worth its length: a short one's
box says little about its direction. What most of the lines do not agree on is not told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import atan2, degrees, hypot

from cluster.page_text import Quad

LEAST_LINES = 3  # long ones, to tell a skew
LONG = 4.0  # times as long as high
ALIKE = 2.0  # degrees: lines of one page differ by less


@dataclass(frozen=True, slots=True)
class Pose:
    """turn: degrees clockwise by which the page is turned to be read: 0, 90, 180 or 270.

    skew: degrees clockwise by which its lines run askew once it is turned, -45 to 45.
    """

    turn: int = 0
    skew: float = 0.0


def pose_of(quads: Sequence[Quad], weights: Sequence[float] | None = None) -> Pose:
    """The pose in which most lines stand.

    weights: what each line counts when it comes to the turn, by default its length. A tie goes to the page as it is,
    then to the smaller turn.
    """
    votes = dict.fromkeys((0, 90, 180, 270), 0.0)
    for quad, weight in zip(quads, weights or [_size(quad)[0] for quad in quads], strict=True):
        votes[turn_of(quad)] += weight
    turn = max(votes, key=lambda each: votes[each])
    return Pose(turn, skew_of([quad for quad in quads if turn_of(quad) == turn]))


def turn_of(quad: Quad) -> int:
    """The turn that makes a line run from left to right, to the nearest quarter."""
    return int(round(-degrees(atan2(*_along(quad))) / 90) % 4) * 90


def skew_of(quads: Sequence[Quad]) -> float:
    """Degrees clockwise by which lines of one turn run askew: the median over the length of long lines.

    0 where they are few or disagree. What is much higher than wide is a column of characters that stand.
    """
    sizes = [(quad, _size(quad)) for quad in quads]
    long = sorted((_off(quad), max(size)) for quad, size in sizes if max(size) >= LONG * min(size))
    if len(long) < LEAST_LINES:
        return 0.0
    half = sum(length for _, length in long) / 2
    passed = list(accumulate(length for _, length in long))
    skew = long[bisect_left(passed, half)][0]
    alike = sum(length for each, length in long if abs(each - skew) <= ALIKE)
    return round(skew, 2) if alike > half else 0.0


def _off(quad: Quad) -> float:
    """Degrees clockwise by which the longer sides are off the nearest quarter."""
    along, down = _size(quad)
    angle = degrees(atan2(*(_along(quad) if along >= down else _down(quad))))
    return angle - round(angle / 90) * 90


def _along(quad: Quad) -> tuple[float, float]:
    """y and x of the way from a line's beginning to its end, twice."""
    return quad[3] + quad[5] - quad[1] - quad[7], quad[2] + quad[4] - quad[0] - quad[6]


def _down(quad: Quad) -> tuple[float, float]:
    """y and x of the way from a line's upper side to its lower one, twice."""
    return quad[7] + quad[5] - quad[1] - quad[3], quad[6] + quad[4] - quad[0] - quad[2]


def _size(quad: Quad) -> tuple[float, float]:
    """A line's length and height."""
    return hypot(*_along(quad)) / 2, hypot(*_down(quad)) / 2
