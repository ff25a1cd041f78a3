"""Lays a column of standing characters, as Chinese and Japanese are written, as a line from left to right.

The recogniser knows such columns turned a quarter, characters lying on their backs: it reads the large ones well and
overlooks what is small: stops, commas, small kana. It reads those where the characters stand in a row. For that the
column is cut between its characters, where there is little ink and about one character's pitch from the last cut.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.ocr.engine import Pixels
from actors.ocr.ppocr_line import LineImage

SHORTEST, LONGEST = 0.55, 1.15  # a character's pitch to the width of the column's box, which has a margin
STRETCH = 0.35  # by what part of the pitch a character may be longer or shorter
LEAST_END = 0.3  # of a pitch: a stop at the column's end takes the upper part of its cell
INK = 0.6  # what a cut through a full row of ink costs, in squares of the pitch

UPRIGHT_BAR = re.compile(r"(?<=[ァ-ヺー])[1Il|１Ｉｌ｜]")
"""The mark that makes a vowel long stands upright in a column, and looks like these."""

HIGH_COMMA = re.compile(r"[`｀]")
"""A comma hangs at the top of its cell there, and nothing else that looks like this does."""


def standing(line: LineImage) -> LineImage:
    """A tall line, which was cut with its characters on their backs, as a row of standing ones.

    Its first corner is the column's top left.
    """
    column = np.ascontiguousarray(np.rot90(line.pixels, -1))
    cells = [column[top:bottom] for top, bottom in _cells(column)]
    height = max(cell.shape[0] for cell in cells)
    paper = np.median(column.reshape(-1, 3), axis=0).tolist()
    row = np.concatenate([_padded(cell, height, paper) for cell in cells], axis=1)
    return LineImage(row, np.roll(line.corners, 1, axis=0))


def is_written_in_columns(text: str) -> bool:
    """Whether most of its letters belong to a script that may be."""
    letters = [character for character in text if character.isalnum()]
    return 2 * sum(unicodedata.east_asian_width(letter) in "WF" for letter in letters) > len(letters)


def as_in_columns(text: str) -> str:
    """What was read of a row of standing characters, with the marks that columns write otherwise than rows."""
    return HIGH_COMMA.sub("、", UPRIGHT_BAR.sub("ー", text))


def _padded(cell: Pixels, height: int, paper: list[float]) -> Pixels:
    above = (height - cell.shape[0]) // 2
    below = height - cell.shape[0] - above
    padded: Pixels = cv2.copyMakeBorder(cell, above, below, 0, 0, cv2.BORDER_CONSTANT, value=paper)
    return padded


def _cells(column: Pixels) -> list[tuple[int, int]]:
    """From which row to which each character goes, by the cuts that cost least together."""
    height, width = column.shape[:2]
    shade = column.min(axis=2).astype(np.float32)
    ink = np.abs(shade - np.median(shade)).mean(axis=1)
    ink /= max(float(ink.max()), 1.0)
    pitch = _pitch(ink, width)
    steps = np.arange(max(1, int(pitch * (1 - STRETCH))), int(pitch * (1 + STRETCH)) + 2)
    uneven = ((steps - pitch) / pitch) ** 2
    cost, before = np.full(height, np.inf), np.zeros(height, np.int64)
    cost[0] = 0
    for row in range(int(steps[0]), height):
        reach = steps[steps <= row]
        costs = cost[row - reach] + uneven[: len(reach)]
        best = int(costs.argmin())
        cost[row], before[row] = costs[best] + INK * ink[row], row - reach[best]
    last = max(0, height - int(pitch * (1 + STRETCH)))
    cuts = [height, last + int(cost[last:].argmin())]
    if height - cuts[-1] < LEAST_END * pitch and before[cuts[-1]]:
        cuts[1:] = [int(before[cuts[-1]])]
    while cuts[-1] > 0:
        cuts.append(int(before[cuts[-1]]))
    cuts.reverse()
    return [(top, bottom) for top, bottom in pairwise(cuts) if bottom > top]


def _pitch(ink: NDArray[np.float32], width: int) -> float:
    """The distance at which the column's ink resembles itself most, in rows."""
    steps = range(max(2, int(SHORTEST * width)), max(2, int(LONGEST * width)) + 1)
    wave = ink - ink.mean()
    alike = [float((wave[:-step] * wave[step:]).mean()) for step in steps if step < len(ink)]
    return float(steps[int(np.argmax(alike))]) if alike else float(max(width, 1))
