"""Page results made for the tests of outputs."""

from __future__ import annotations

from collections.abc import Iterable

from actors.outputs.page import OutputDocument, OutputPage
from cluster.page_text import Block, BlockKind, Cell, Line, PageResult, PageText
from cluster.record import ErrorInfo

DOCUMENT = OutputDocument("job-1", "letter & more.pdf", "pdf", 3)
FAILED = OutputPage(2, None, ErrorInfo("engine_failed", "It broke."))

LINES = (
    Line("A running header", (50, 10, 250, 22), 0.9),
    Line("An exam-", (50, 50, 150, 62), 0.8),
    Line("ple of <words> & signs", (50, 64, 250, 76), 1.0, (50, 64, 250, 64, 250, 76, 50, 76)),
    Line("cell", (50, 100, 90, 112), 0.5),
)
BLOCKS = (
    Block(BlockKind.PAGE_HEADER, (50, 10, 250, 22), (0,), "A running header", "A running header"),
    Block(BlockKind.PARAGRAPH, (50, 50, 250, 76), (1, 2), "An example of <words> & signs", "An example of …"),
    Block(
        BlockKind.TABLE,
        (50, 100, 250, 112),
        (3,),
        "cell",
        "| cell |",
        cells=(Cell(0, 0, "cell", (50, 100, 90, 112)), Cell(0, 1, "", (90, 100, 250, 112), 1, 2)),
    ),
    Block(BlockKind.FIGURE, (50, 120, 250, 200), (), "", ""),
)


def result(
    page: int = 1, lines: Iterable[Line] = LINES, blocks: Iterable[Block] = BLOCKS, **facts: object
) -> PageResult:
    """A page of 300 × 400 points, its image of 600 × 800 pixels. facts: of its PageText."""
    lines = tuple(lines)
    text = "\n".join(line.text for line in lines)
    read = PageText(text, lines, blocks=tuple(blocks), engine="rapidocr", engine_version="3", **facts)  # type: ignore[arg-type]
    return PageResult("job-1", page, 1, 1, 1, 300, 400, f"page_{page:03d}.png", 600, 800, read)


def output_page(page: int = 1, **changes: object) -> OutputPage:
    return OutputPage(page, result(page, **changes))  # type: ignore[arg-type]


def without_boxes(page: int = 1, text: str = "text", markdown: str | None = "# text") -> OutputPage:
    read = PageText(text, markdown=markdown, engine="transformers:m")
    return OutputPage(page, PageResult("job-1", page, 1, 1, 1, 300, 400, None, 0, 0, read))
