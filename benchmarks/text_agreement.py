"""How far two readings of a page agree, whatever the order of their lines."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.page_text import Box

ReadBox = tuple[str, Box]
"""A line's text, and its box in pixels."""


def differing_characters(truth: Sequence[ReadBox], read: Sequence[ReadBox]) -> int:
    """Characters to insert, delete or replace, line by line: each line of ``truth`` against the one that lies on it.

    Lines that have no partner count whole.
    """
    left = list(read)
    differing = 0
    for text, box in truth:
        best = max(left, key=lambda line: _shared(box, line[1]), default=None)
        if best is None or not _shared(box, best[1]):
            differing += len(text)
            continue
        left.remove(best)
        differing += edit_distance(text, best[0])
    return differing + sum(len(text) for text, _ in left)


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's."""
    row = list(range(len(b) + 1))
    for i, character in enumerate(a, start=1):
        above_left, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            above_left, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above_left + (character != other))
    return row[-1]


def _shared(a: Box, b: Box) -> float:
    """Square pixels that lie in both."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return width * height if width > 0 and height > 0 else 0.0
