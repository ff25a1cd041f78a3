"""The pages that the bench draws, hard for reading order and tables, with the checks that a good reading passes.

All that stands on them is drawn by a seed, so they can stand in for pages that nobody has seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from benchmarks import column_pages, prose_pages, script_pages, sheet_pages, table_pages
from benchmarks.drawing import Drawing
from benchmarks.drawn_paper import raster
from benchmarks.quality_checks import Check
from benchmarks.random_prose import Prose

DPI = 150
DRAWINGS: dict[str, Callable[[Prose], Drawing]] = {
    "two columns": column_pages.two_columns,
    "worn columns": column_pages.worn_columns,
    "newspaper": column_pages.newspaper,
    "stacked columns": column_pages.stacked_columns,
    "figure across": column_pages.figure_across,
    "pull quote": column_pages.pull_quote,
    "tiny text": column_pages.tiny_text,
    "side notes": column_pages.side_notes,
    "articles": column_pages.articles,
    "column notes": column_pages.column_notes,
    "numbered columns": column_pages.numbered_columns,
    "footnotes": prose_pages.footnotes,
    "lists": prose_pages.lists,
    "report": prose_pages.report,
    "old book": prose_pages.old_book,
    "numbered lines": prose_pages.numbered_lines,
    "ruled table": table_pages.ruled_table,
    "bare table": table_pages.bare_table,
    "spanned table": table_pages.spanned_table,
    "table in a column": table_pages.table_in_column,
    "row spans": table_pages.row_spans,
    "letter foot": sheet_pages.letter_foot,
    "signed sheet": sheet_pages.signed_sheet,
    "invoice": sheet_pages.invoice,
    "filled form": sheet_pages.filled_form,
    "printed sheet": sheet_pages.printed_sheet,
    "arabic": script_pages.arabic,
    "upright japanese": script_pages.upright_japanese,
}


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """image: grey, at ``DPI``. ideal: the Markdown of a perfect reading."""

    name: str
    image: Image.Image
    checks: tuple[Check, ...]
    ideal: str


def checked_page(name: str, seed: int) -> CheckedPage:
    """The same name and seed draw the same page."""
    drawing = DRAWINGS[name](Prose(random.Random(f"{name} {seed}")))
    image = drawing.wear(raster(drawing.document, DPI), seed)
    return CheckedPage(name, image, drawing.checks, drawing.ideal)
