"""A page's blocks with their lines, for outputs that show every line at its place, in reading order."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.page_text import BlockKind, Box, Line, PageText


@dataclass(frozen=True, slots=True)
class LineBlock:
    """bbox: as the lines'. lines: at least one; none of a figure without text."""

    kind: BlockKind
    bbox: Box
    lines: tuple[Line, ...]


def line_blocks(read: PageText) -> tuple[LineBlock, ...]:
    """Every line with text in it stands in exactly one of them. Where nothing arranged the page, it is one block."""
    blocks: list[LineBlock] = []
    left = {place for place, line in enumerate(read.lines) if line.text.strip()}
    for block in read.blocks:
        places = [place for place in dict.fromkeys(block.lines) if place in left]
        left -= set(places)
        if places or block.kind is BlockKind.FIGURE:
            blocks.append(LineBlock(block.kind, block.bbox, tuple(read.lines[place] for place in places)))
    if left:
        lines = tuple(read.lines[place] for place in sorted(left))
        blocks.append(LineBlock(BlockKind.PARAGRAPH, _around(lines), lines))
    return tuple(blocks)


def _around(lines: tuple[Line, ...]) -> Box:
    boxes = [line.bbox for line in lines]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
