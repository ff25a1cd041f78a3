"""A plain table on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column to the left, the others to the right, each as wide as its widest cell."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    print(f"\n{title}")
    for row in (header, ["-" * width for width in widths], *rows):
        first, *others = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join([first.strip().ljust(widths[0]), *others]).rstrip(), flush=True)


def told(*rows: list[str]) -> list[list[str]]:
    """The same rows, said on the way: a long run may be broken off before its table is printed."""
    for row in rows:
        print("  " + ": ".join(cell for cell in row if cell), file=sys.stderr, flush=True)
    return list(rows)
