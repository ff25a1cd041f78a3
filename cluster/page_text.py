"""What an engine returns for a page, and how it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from cluster.errors import BlobCorrupt
from cluster.message import message

SCHEMA_VERSION = 1

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1, origin top left. Its unit is said where it is used."""

Quad = tuple[float, float, float, float, float, float, float, float]
"""Four corners x, y from the line's own top left, clockwise in reading direction."""


@message
@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. bbox, quad: pixels of the page image as an engine returns it, points as stored."""

    text: str
    bbox: Box
    confidence: float
    quad: Quad | None = None


class BlockKind(StrEnum):
    """What a block of a page is. Text of running headers and footers is kept in blocks, and left out of the page's
    ``text`` and ``markdown``."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CAPTION = "caption"
    FIGURE = "figure"
    FORMULA = "formula"
    FOOTNOTE = "footnote"
    PAGE_HEADER = "page_header"
    PAGE_FOOTER = "page_footer"

    @property
    def running(self) -> bool:
        """Repeated from page to page: headers, footers, page numbers."""
        return self in (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER)


@message
@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table, rows and columns counted from 0. bbox: as the lines'."""

    row: int
    column: int
    text: str
    bbox: Box
    row_span: int = 1
    column_span: int = 1


@message
@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page that is read in one go; a page's blocks stand in reading order.

    bbox: as the lines'. lines: their places in the page's ``lines``. text, markdown: the block as it stands in the
    page's. level: of a heading, 1 to 6; of a list item, how deep, from 1; else 0. cells: of a table.
    """

    kind: BlockKind
    bbox: Box
    lines: tuple[int, ...]
    text: str
    markdown: str
    level: int = 0
    cells: tuple[Cell, ...] = ()


@message
@dataclass(frozen=True, slots=True)
class PageText:
    """What was read on one page. rotation: degrees clockwise by which the page was turned to be read upright.

    markdown: None where the engine gives lines alone and they were not arranged. confidence: mean over characters, 0 to
    1, None if unknown. attempts: the engine's own tries. reason: what was out of the ordinary about the reading.

    skew: degrees clockwise by which the page's lines run askew, once it is turned. blocks: what the lines were arranged
    to; none where they were not, or where the engine writes Markdown itself. layout: what arranged them, with its
    version; None where nothing did. layout_ms: how long it took.
    """

    text: str
    lines: tuple[Line, ...] = ()
    markdown: str | None = None
    engine: str = ""
    engine_version: str = ""
    source: str = "ocr"
    rotation: int = 0
    confidence: float | None = None
    duration_ms: int = 0
    reason: str | None = None
    attempts: int = 1
    skew: float = 0.0
    blocks: tuple[Block, ...] = ()
    layout: str | None = None
    layout_ms: int = 0

    def scaled(self, factor: float) -> PageText:
        """The same with every coordinate multiplied: pixels × points a pixel = points."""
        return replace(
            self,
            lines=tuple(_scaled_line(line, factor) for line in self.lines),
            blocks=tuple(_scaled_block(block, factor) for block in self.blocks),
        )


@dataclass(frozen=True, slots=True)
class PageResult:
    """A page's stored result, the commit point of its reading. width, height: the page's, in points.

    read: coordinates in points. image: the page image's file; None where none was made. image_width, image_height: its
    pixels, made or not.
    """

    job_id: str
    page: int
    run: int
    epoch: int
    attempts: int
    width: float
    height: float
    image: str | None
    image_width: int
    image_height: int
    read: PageText = field(default_factory=lambda: PageText(""))
    schema_version: int = SCHEMA_VERSION


def _scaled_line(line: Line, factor: float) -> Line:
    quad = None if line.quad is None else tuple(round(v * factor, 2) for v in line.quad)
    return replace(line, bbox=_scaled(line.bbox, factor), quad=quad)  # type: ignore[arg-type]  # eight, as before


def _scaled_block(block: Block, factor: float) -> Block:
    cells = tuple(replace(cell, bbox=_scaled(cell.bbox, factor)) for cell in block.cells)
    return replace(block, bbox=_scaled(block.bbox, factor), cells=cells)


def _scaled(box: Box, factor: float) -> Box:
    x0, y0, x1, y1 = (round(v * factor, 2) for v in box)
    return x0, y0, x1, y1


def encode_result(result: PageResult) -> bytes:
    import orjson  # here, since engines are also measured where little but them is installed (benchmarks/gpu.py)

    return orjson.dumps(result)


def decode_result(data: bytes) -> PageResult:
    """Raises BlobCorrupt where the content is unreadable."""
    import orjson

    try:
        fields: dict[str, Any] = orjson.loads(data)
        read = {name: fields["read"][name] for name in PageText.__slots__ if name in fields["read"]}
        read["lines"] = tuple(_line(line) for line in read.get("lines", ()))
        read["blocks"] = tuple(_block(block) for block in read.get("blocks", ()))
        known = {name: fields[name] for name in PageResult.__slots__ if name in fields}
        known["read"] = PageText(**read)
        return PageResult(**known)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BlobCorrupt(f"A page result is unreadable: {type(error).__name__} {error}.") from error


def _line(fields: dict[str, Any]) -> Line:
    quad = fields.get("quad")
    return Line(fields["text"], tuple(fields["bbox"]), fields["confidence"], None if quad is None else tuple(quad))


def _block(fields: dict[str, Any]) -> Block:
    known = {name: fields[name] for name in Block.__slots__ if name in fields}
    known |= {"kind": BlockKind(fields["kind"]), "bbox": tuple(fields["bbox"]), "lines": tuple(fields["lines"])}
    known["cells"] = tuple(_cell(cell) for cell in fields.get("cells", ()))
    return Block(**known)


def _cell(fields: dict[str, Any]) -> Cell:
    known = {name: fields[name] for name in Cell.__slots__ if name in fields}
    return Cell(**{**known, "bbox": tuple(fields["bbox"])})
