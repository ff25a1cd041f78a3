"""An area of a page and what stands in it, as the layout model sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from actors.content.direction import Direction, framed
from cluster.page_text import BlockKind, Box

Grid = tuple[tuple[float, ...], tuple[float, ...]]
"""The edges of a table's rows (y) and of its columns (x), ascending: one more than there are rows or columns."""


@dataclass(frozen=True, slots=True)
class Region:
    """bbox, grid: in the unit of the page's lines, on the page turned upright.

    grid: of a table, where the model tells it.
    """

    kind: BlockKind
    bbox: Box
    grid: Grid | None = None


def framed_region(region: Region, direction: Direction, width: float) -> Region:
    """The region in the frame. width: the page's. A table that is read downward has no grid."""
    grid = region.grid
    if grid is not None and direction is not Direction.RIGHTWARD:
        mirrored = (grid[0], tuple(width - x for x in reversed(grid[1])))
        grid = mirrored if direction is Direction.LEFTWARD else None
    return replace(region, bbox=framed(region.bbox, direction, width), grid=grid)
