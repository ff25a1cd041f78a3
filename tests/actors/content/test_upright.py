"""Pages that lie on their side, upside down or askew."""

from __future__ import annotations

from math import cos, radians, sin

import pytest

from actors.content.upright import upright_of
from cluster.page_text import Block, BlockKind, Box, Cell, Line, PageText, Quad

WIDTH, HEIGHT = 600, 800
"""Of the upright page."""

LINES: tuple[Box, ...] = ((50, 60, 350, 80), (50, 100, 500, 120), (400, 700, 560, 730))


def page(rotation: int, skew: float, *, quads: bool = True) -> PageText:
    """The upright lines as they lie on a page that was laid askew first, and turned then."""
    lines = []
    for number, (x0, y0, x1, y1) in enumerate(LINES):
        corners = [lying(point, rotation, skew) for point in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
        xs, ys = zip(*corners, strict=True)
        quad: Quad = tuple(value for corner in corners for value in corner)  # type: ignore[assignment]
        lines.append(Line(f"line {number}", (min(xs), min(ys), max(xs), max(ys)), 0.9, quad if quads else None))
    return PageText("", tuple(lines), rotation=rotation, skew=skew)


def lying(point: tuple[float, float], rotation: int, skew: float) -> tuple[float, float]:
    """A point of the upright page where it is seen. rotation: clockwise, to read it; so the page lies turned back."""
    x, y = point[0] - WIDTH / 2, point[1] - HEIGHT / 2
    c, s = cos(radians(skew)), sin(radians(skew))
    x, y = x * c - y * s, x * s + y * c  # clockwise on a page whose y goes down
    for _ in range(rotation // 90):
        x, y = y, -x  # a quarter turn counter-clockwise
    width, height = (WIDTH, HEIGHT) if rotation % 180 == 0 else (HEIGHT, WIDTH)
    return x + width / 2, y + height / 2


def size(rotation: int) -> tuple[float, float]:
    return (WIDTH, HEIGHT) if rotation % 180 == 0 else (HEIGHT, WIDTH)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("skew", [0, 7.5, -4])
def test_lines_are_laid_upright_and_blocks_back(rotation: int, skew: float) -> None:
    read = page(rotation, skew)
    upright = upright_of(read, *size(rotation))
    assert upright.size == (WIDTH, HEIGHT)
    laid = upright.lines(read.lines)
    for line, box in zip(laid, LINES, strict=True):
        assert line.bbox == pytest.approx(box)
    cell = Cell(0, 0, "cell", LINES[1])
    blocks = (
        Block(BlockKind.TABLE, LINES[1], (1,), "a", "a", cells=(cell,)),
        Block(BlockKind.FIGURE, LINES[2], (), "", ""),
    )
    back = upright.laid_back(PageText("text", laid, blocks=blocks), read)
    assert back.text == "text"
    assert (back.lines, back.rotation, back.skew) == (read.lines, rotation, skew)
    assert back.blocks[0].bbox == pytest.approx(read.lines[1].bbox)
    assert back.blocks[0].cells[0].bbox == pytest.approx(read.lines[1].bbox)
    assert back.blocks[1].bbox == pytest.approx(read.lines[2].bbox)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_lines_without_corners_are_turned_by_their_boxes(rotation: int) -> None:
    read = page(rotation, 0, quads=False)
    laid = upright_of(read, *size(rotation)).lines(read.lines)
    assert [line.bbox for line in laid] == [pytest.approx(box) for box in LINES]


def test_an_upright_page_stays_as_it_is() -> None:
    read = page(0, 0)
    upright = upright_of(PageText("", read.lines, skew=0.1), WIDTH, HEIGHT)
    assert upright.changes_nothing
    assert upright.lines(read.lines) == read.lines
    arranged = PageText("text", read.lines)
    assert upright.laid_back(arranged, read) is arranged
