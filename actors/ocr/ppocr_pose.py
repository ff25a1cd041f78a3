"""Tells how pages lie, by their lines, and by reading a few of them where that is in doubt.

Lines that run up or down tell a page on its side, or one written in columns; the classifier of upside-down lines tells
which end is up. Over a page's length of lines it is right but for pages in odd type, and those of few lines: there some
lines are read both ways, and the surer reading tells. A page of columns is read like one that lies on its left side,
but only a column can be read with its characters laid in a row as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from actors.ocr.column_line import is_written_in_columns, standing
from actors.ocr.page_pose import Pose, skew_of
from actors.ocr.ppocr_line import LineImage
from actors.ocr.ppocr_recognizer import ReadLine

CLEAR = (0.3, 0.7)  # share of a page's length taken for upside down: in between lines are read
FEW = 5  # lines: what is said of fewer is not clear
SAMPLE = 6  # lines of a page to be read
LEAST_SURE = 0.5  # where no way is read as well the page is left as it is
STANDING = 0.7  # what a column laid in a row is read with; anything else with less than half of it


@dataclass(frozen=True, slots=True)
class SeenLine:
    """image: as it was cut. flipped: how sure the classifier is that it stands on its head."""

    image: LineImage
    flipped: float

    @property
    def length(self) -> int:
        return int(self.image.pixels.shape[1])


class Skimming(Protocol):
    """What is needed of the recogniser."""

    def skim(self, lines: Sequence[LineImage], pages: Sequence[int | None]) -> list[ReadLine]: ...


class PoseJudge:
    """recognizer: reads the lines in doubt."""

    def __init__(self, recognizer: Skimming) -> None:
        self._recognizer = recognizer

    def poses(self, pages: Sequence[Sequence[SeenLine]]) -> list[Pose]:
        """Of each page, by its lines."""
        cases = [_case(lines) for lines in pages]
        images = [image for case in cases for way in case.ways for image in way]
        read = iter(self._recognizer.skim(images, [None] * len(images)) if images else ())
        return [_pose(case, [[next(read) for _ in way] for way in case.ways]) for case in cases]


@dataclass(frozen=True, slots=True)
class _Case:
    """lines: those of a page that run as most of it does: along it, or up and down. flipped: what share stands on its
    head. ways: some of them, as they were cut, upside down, and, where they are tall, laid in a row.
    """

    lines: Sequence[SeenLine]
    flipped: float
    ways: Sequence[Sequence[LineImage]]


def _case(lines: Sequence[SeenLine]) -> _Case:
    tall, wide = [line for line in lines if line.image.tall], [line for line in lines if not line.image.tall]
    most = max(wide, tall, key=lambda group: sum(line.length for line in group))
    if not most:
        return _Case([], 0.0, [])
    flipped = sum(line.flipped * line.length for line in most) / sum(line.length for line in most)
    doubted = flipped > CLEAR[0] and (flipped < CLEAR[1] or len(most) < FEW)
    if not (doubted or (most is tall and flipped < CLEAR[1])):
        return _Case(most, flipped, [])
    sample = [line.image for line in sorted(most, key=lambda line: -line.length)[:SAMPLE]]
    ways = [sample, [image.flipped() for image in sample]]
    return _Case(most, flipped, [*ways, [standing(image) for image in sample]] if most is tall else ways)


def _pose(case: _Case, read: Sequence[Sequence[ReadLine]]) -> Pose:
    """read: the case's ways."""
    if not case.lines:
        return Pose()
    tall, flip = case.lines[0].image.tall, case.flipped > sum(CLEAR) / 2
    if read:
        sure = [_sureness(lines) for lines in read]
        if max(sure) < LEAST_SURE:
            return Pose()
        flip = sure[1] > sure[0]
        text = "".join(line.text for line in read[0])
        if tall and not flip and sure[2] >= STANDING and is_written_in_columns(text):
            return Pose(0, skew_of([line.image.quad for line in case.lines]))
    turn = (90 if flip else 270) if tall else (180 if flip else 0)
    return Pose(turn, skew_of([line.image.quad for line in case.lines]))


def _sureness(lines: Sequence[ReadLine]) -> float:
    """Mean over characters; a line that could not be read counts as one."""
    sizes = [max(1, len(line.text)) for line in lines]
    return sum(line.confidence * size for line, size in zip(lines, sizes, strict=True)) / sum(sizes)
