"""What the quality bench counted, and the tables that it prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.markdown_tables import Grid, cells_right, nearest, shape
from benchmarks.table import print_table
from benchmarks.text_scores import Scores


@dataclass(frozen=True, slots=True)
class TableScores:
    """shaped: tables that have as many rows and columns as they should."""

    pages: int = 0
    cells: int = 0
    right: int = 0
    shaped: int = 0

    def __add__(self, other: TableScores) -> TableScores:
        return TableScores(
            self.pages + other.pages,
            self.cells + other.cells,
            self.right + other.right,
            self.shaped + other.shaped,
        )


def table_scores(truth: Grid, tables: list[Grid]) -> TableScores:
    same_shape = shape(nearest(truth, tables)) == shape(truth)
    return TableScores(1, sum(len(row) for row in truth), cells_right(truth, tables), int(same_shape))


@dataclass(slots=True)
class Found:
    """Counts by reader. errors: by row of the table. tables: by their name. checks: by page and kind, those passed and
    all."""

    errors: dict[tuple[str, str], Scores] = field(default_factory=dict)
    tables: dict[tuple[str, str], TableScores] = field(default_factory=dict)
    checks: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)

    def add_errors(self, row: str, reader: str, counted: Scores) -> None:
        self.errors[row, reader] = self.errors.get((row, reader), Scores()) + counted

    def add_table(self, name: str, reader: str, counted: TableScores) -> None:
        self.tables[name, reader] = self.tables.get((name, reader), TableScores()) + counted

    def add_check(self, page: str, kind: str, reader: str, *, passed: bool) -> None:
        before, total = self.checks.get((page, kind, reader), (0, 0))
        self.checks[page, kind, reader] = (before + passed, total + 1)


def print_found(found: Found, readers: Sequence[str]) -> None:
    """readers: in the order of their columns."""
    if found.errors:
        _print_errors(found, readers)
    if found.tables:
        _print_tables(found, readers)
    if found.checks:
        _print_checks(found, readers)


def _print_errors(found: Found, readers: Sequence[str]) -> None:
    rows = list(dict.fromkeys(row for row, _ in found.errors))
    by_row = {(row, reader): found.errors[row, reader] for row in rows for reader in readers}
    by_row |= {("all", reader): sum((found.errors[row, reader] for row in rows), Scores()) for reader in readers}
    for title, columns in _ERROR_TABLES:
        header = ["document", "pages", *(f"{name}: {reader}" for name in columns for reader in readers)]
        told = [
            [row, str(by_row[row, readers[0]].pages)]
            + [tell(by_row[row, reader]) for tell in columns.values() for reader in readers]
            for row in (*rows, "all")
        ]
        print_table(title, header, told)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


_ERROR_TABLES: tuple[tuple[str, dict[str, Callable[[Scores], str]]], ...] = (
    (
        "Wrong words and characters, of those of the true text",
        {"words": lambda s: _percent(s.word_error), "characters": lambda s: _percent(s.character_error)},
    ),
    (
        "Words found whatever their order, and how much of what was found stands in order",
        {"found": lambda s: _percent(s.found), "order": lambda s: _percent(s.order)},
    ),
    ("Seconds a page", {"seconds": lambda s: f"{s.seconds / max(1, s.pages):.2f}"}),
)


def _print_tables(found: Found, readers: Sequence[str]) -> None:
    def told(counted: TableScores) -> str:
        return f"{_percent(counted.right / counted.cells)}, {counted.shaped}/{counted.pages}"

    rows = [
        [name, str(found.tables[name, readers[0]].pages), *(told(found.tables[name, reader]) for reader in readers)]
        for name in dict.fromkeys(name for name, _ in found.tables)
    ]
    print_table("Cells right, and tables of the right shape", ["table", "pages", *readers], rows)


def _print_checks(found: Found, readers: Sequence[str]) -> None:
    for title, place in (("page", 0), ("kind", 1)):
        names = dict.fromkeys(key[place] for key in found.checks)
        rows = [[name, *(_passed(found, reader, place, name) for reader in readers)] for name in names]
        rows.append(["all", *(_passed(found, reader) for reader in readers)])
        print_table(f"Checks passed, by {title}", [title, *readers], rows)


def _passed(found: Found, reader: str, place: int = 2, name: str = "") -> str:
    """Of all checks of one reader, or of those with ``name`` at ``place`` of their key."""
    counts = [counted for key, counted in found.checks.items() if key[2] == reader and key[place] == (name or reader)]
    return f"{sum(passed for passed, _ in counts)}/{sum(total for _, total in counts)}"
