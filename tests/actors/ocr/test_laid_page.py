from __future__ import annotations

import cv2
import numpy as np
import pytest

from actors.ocr.engine import Pixels
from actors.ocr.laid_page import as_it_came, laid
from actors.ocr.page_pose import Pose

WIDTH, HEIGHT = 120, 200


def page_with_bar(turn: int = 0) -> Pixels:
    """White, with a black bar that lies at 20..80, 30..40 once the page is turned by ``turn`` clockwise."""
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    page[30:40, 20:80] = 0
    return np.ascontiguousarray(np.rot90(page, turn // 90))


BAR = np.array([[20, 30], [80, 30], [80, 40], [20, 40]], np.float32)
PAGE = np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_quarter_turn_moves_pixels_and_the_way_back_is_exact(turn: int) -> None:
    came = page_with_bar(turn)
    page = laid(as_it_came(came), Pose(turn), 1, BAR)
    assert np.array_equal(page.upright, page_with_bar())
    assert page.straight is page.upright
    corners = page.on_page(page.on_upright(BAR))
    x0, y0, x1, y1 = (round(value) for each in (corners.min(axis=0), corners.max(axis=0)) for value in each.tolist())
    assert (came[y0:y1, x0:x1] == 0).all()
    assert (came == 0).sum() == 3 * (x1 - x0) * (y1 - y0)


def test_the_first_corner_stays_the_lines_own_top_left() -> None:
    page = laid(as_it_came(page_with_bar(90)), Pose(90), 1, BAR)  # its top lies to the left
    assert page.on_page(BAR)[0].tolist() == [30, 100]


@pytest.mark.parametrize("skew", [-10, -2, 2, 10])
@pytest.mark.parametrize("turn", [0, 270])
def test_a_skewed_page_is_straightened_for_the_detector(turn: int, skew: float) -> None:
    upright = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    box = cv2.boxPoints(((60, 100), (80, 8), skew))
    cv2.fillPoly(upright, [box.astype(np.int32)], (0, 0, 0))
    came = np.ascontiguousarray(np.rot90(upright, turn // 90))
    page = laid(as_it_came(came), Pose(turn, skew), 1, PAGE if turn == 0 else PAGE[:, ::-1])
    assert np.array_equal(page.upright, upright)
    rows = np.flatnonzero((page.straight < 128).any(axis=(1, 2)))
    assert len(rows) < 13  # 21 as it came, where the skew is 10
    assert page.straight.shape[0] >= HEIGHT
    columns = np.flatnonzero((page.straight < 128).any(axis=(0, 2)))
    found = np.array([[columns[0], rows[0]], [columns[-1], rows[0]], [columns[-1], rows[-1]], [columns[0], rows[-1]]])
    back = page.on_upright(found.astype(np.float32))
    assert np.abs(np.sort(back, axis=0) - np.sort(box, axis=0)).max() < 4


def test_nothing_comes_to_lie_off_the_page() -> None:
    page = laid(as_it_came(page_with_bar()), Pose(0, 10), 1, PAGE)
    height, width = page.straight.shape[:2]
    corners = page.on_upright(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32))
    assert corners.min() >= 0
    assert (corners <= (WIDTH, HEIGHT)).all()


def test_a_little_skew_is_left() -> None:
    page = as_it_came(page_with_bar())
    assert laid(page, Pose(0, 0.9), 1, BAR).back is None


def test_what_straightening_adds_is_paper() -> None:
    page = np.full((HEIGHT, WIDTH, 3), (200, 220, 230), np.uint8)
    straight = laid(as_it_came(page), Pose(0, 10), 1, PAGE).straight
    assert (straight == (200, 220, 230)).all()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_straightened_page_keeps_what_lies_around_its_lines(turn: int) -> None:
    came = page_with_bar(turn)
    bar = laid(as_it_came(came), Pose(turn), 1, BAR).on_page(BAR)
    page = laid(as_it_came(came), Pose(turn, 5), 1, bar)
    assert (page.straight == 0).all(axis=2).sum() > 500  # of 600, but for its blurred edge
    height, width = page.straight.shape[:2]
    assert 60 + 20 < width < 60 + 60
    assert 10 + 20 < height < 10 + 60
