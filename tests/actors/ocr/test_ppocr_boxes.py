from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from actors.ocr.ppocr_boxes import Corners, line_boxes

HEIGHT, WIDTH = 192, 256

Map = NDArray[np.float32]


def empty() -> Map:
    return np.zeros((HEIGHT, WIDTH), np.float32)


def with_core(likely: Map, x: float, y: float, width: float, height: float, angle: float = 0, sure: float = 0.9) -> Map:
    """A rectangle around (x, y), turned by so many degrees."""
    corners = cv2.boxPoints(((x, y), (width, height), angle))
    cv2.fillPoly(likely, [np.round(corners).astype(np.int32)], sure)
    return likely


def test_an_empty_map_has_no_lines() -> None:
    assert line_boxes(empty(), WIDTH, HEIGHT) == []


def test_a_core_is_grown_by_area_over_circumference() -> None:
    [box] = line_boxes(with_core(empty(), 128, 96, 100, 10), WIDTH, HEIGHT)
    growth = 1.6 * (101 * 11) / (2 * (101 + 11))  # the bridge between cores makes it a pixel wider and higher
    assert box == pytest.approx(
        np.array(
            [
                (77 - growth, 90 - growth),
                (178 + growth, 90 - growth),
                (178 + growth, 101 + growth),
                (77 - growth, 101 + growth),
            ]
        ),
        abs=1.5,
    )
    assert box.dtype == np.float32


def test_coordinates_are_those_of_the_page() -> None:
    [box] = line_boxes(with_core(empty(), 128, 96, 100, 10), WIDTH, HEIGHT)
    [twice] = line_boxes(with_core(empty(), 128, 96, 100, 10), 2 * WIDTH, 3 * HEIGHT)
    assert twice == pytest.approx(box * (2, 3), abs=3)


def test_boxes_stay_on_the_page() -> None:
    likely = with_core(with_core(empty(), 0, 0, 60, 40), WIDTH - 1, HEIGHT - 1, 60, 40)
    for box in line_boxes(likely, WIDTH, HEIGHT):
        assert box.min() >= 0
        assert box[:, 0].max() <= WIDTH - 1
        assert box[:, 1].max() <= HEIGHT - 1


@pytest.mark.parametrize(
    "likely",
    [
        with_core(empty(), 128, 96, 100, 10, sure=0.4),  # above the threshold of a core, and not sure
        with_core(empty(), 128, 96, 100, 10, sure=0.25),
        with_core(empty(), 128, 96, 1, 1),
    ],
    ids=["unsure", "below the threshold", "a speck"],
)
def test_what_is_no_line(likely: Map) -> None:
    assert line_boxes(likely, WIDTH, HEIGHT) == []


def test_of_very_many_cores_some_are_taken() -> None:
    likely = empty()
    likely[::6, ::6] = likely[1::6, ::6] = likely[::6, 1::6] = likely[1::6, 1::6] = 0.9  # 1376 specks
    assert len(line_boxes(np.kron(likely, np.ones((2, 2), np.float32)), 2 * WIDTH, 2 * HEIGHT)) == 1000


places = st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT))
shapes = st.tuples(st.floats(1, 150), st.floats(1, 40), st.floats(-90, 90), st.floats(0.2, 1))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(places, shapes), max_size=6), st.sampled_from([(256, 192), (300, 250), (128, 96), (97, 1000)])
)
def test_the_boxes_are_those_of_rapidocr(
    cores: list[tuple[tuple[float, float], tuple[float, float, float, float]]], page: tuple[int, int]
) -> None:
    likely = empty()
    for place, shape in cores:
        with_core(likely, *place, *shape)
    assert_same(line_boxes(likely, *page), of_rapidocr(likely, *page))


def of_rapidocr(likely: Map, width: int, height: int) -> list[Corners]:
    from rapidocr.ch_ppocr_det.utils import DBPostProcess

    reference = DBPostProcess(box_thresh=0.5, max_candidates=1000, unclip_ratio=1.6, use_dilation=True)
    boxes, _ = reference(likely[None, None], (height, width))
    return list(boxes)


def assert_same(found: list[Corners], expected: list[Corners]) -> None:
    assert len(found) == len(expected)
    for box, other in zip(found, expected, strict=True):
        assert box.tolist() == other.tolist()
