from __future__ import annotations

import math

import pytest

from actors.outputs.line_shape import LineShape, shape_of
from cluster.page_text import Line

BOX = (10.0, 20.0, 110.0, 40.0)


def test_a_line_without_a_quad_is_its_box() -> None:
    assert shape_of(Line("text", BOX, 1), 0) == LineShape(10, 20, (100, 0), (0, 20))


@pytest.mark.parametrize(
    ("rotation", "corner", "degrees"), [(90, (10, 120), -90), (180, (30, 120), 180), (270, (30, 20), 90)]
)
def test_on_a_turned_page_it_runs_as_the_page_does(rotation: int, corner: tuple[float, float], degrees: float) -> None:
    """A page that is to be turned by 90° clockwise has lines that run upwards."""
    box = (10.0, 20.0, 30.0, 120.0) if rotation != 180 else (10.0, 100.0, 30.0, 120.0)
    shape = shape_of(Line("text", box, 1), rotation)
    assert (shape.x, shape.y) == corner
    assert shape.degrees == degrees
    assert shape.box() == box


def test_a_quad_tells_how_the_line_runs() -> None:
    """Ten degrees clockwise, from (10, 20) on."""
    along = (100 * math.cos(math.radians(10)), 100 * math.sin(math.radians(10)))
    down = (-0.2 * along[1], 0.2 * along[0])
    corners = [(10, 20), (10 + along[0], 20 + along[1])]
    corners += [(x + down[0], y + down[1]) for x, y in reversed(corners)]
    quad = tuple(value for corner in corners for value in corner)
    shape = shape_of(Line("text", BOX, 1, quad), 270)  # type: ignore[arg-type]
    assert shape.degrees == pytest.approx(10)
    assert shape.length == pytest.approx(100)
    assert shape.height == pytest.approx(20)
    assert shape.point(1, 0) == pytest.approx(corners[1])


def test_part_of_a_line_has_its_own_box() -> None:
    assert shape_of(Line("text", BOX, 1), 0).box(0.25, 0.5) == (35, 20, 60, 40)


def test_characters_below_one_another_are_read_downwards() -> None:
    shape = shape_of(Line("縦書きの文", (100, 10, 120, 110), 1), 0)
    assert (shape.x, shape.y) == (120, 10)
    assert (shape.along, shape.down) == ((0, 100), (-20, 0))
    assert shape_of(Line("lil", (100, 10, 105, 24), 1), 0).degrees == 0
    assert shape_of(Line("横書", (100, 10, 120, 20), 1), 0).degrees == 0
