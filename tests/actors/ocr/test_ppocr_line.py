from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from actors.ocr.ppocr_line import SURE, LineImage, Orientation, cut_line, line_images
from actors.ocr.ppocr_network import PADDING, Images


def corners(x0: float, y0: float, x1: float, y1: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)


def test_a_line_is_cut_out() -> None:
    page = np.zeros((100, 200, 3), np.uint8)
    page[20:40, 30:130] = 255
    line = cut_line(page, corners(30, 20, 130, 40))
    assert line.pixels.shape == (20, 100, 3)
    assert line.pixels.min() > 200
    assert not line.tall
    assert line.ratio == 5


def test_a_tall_line_is_turned_with_its_corners() -> None:
    page = np.zeros((200, 100, 3), np.uint8)
    page[20:50, 30:50] = 255  # the upper end
    line = cut_line(page, corners(30, 20, 50, 140))
    assert line.tall
    assert line.pixels.shape == (20, 120, 3)
    assert line.pixels[:, :25].min() > 200  # turned counter-clockwise, the upper end comes first
    assert line.corners.tolist() == [[50, 20], [50, 140], [30, 140], [30, 20]]


def test_flipping_twice_is_nothing() -> None:
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    line = LineImage(pixels, corners(0, 0, 3, 2))
    flipped = line.flipped()
    assert flipped.corners[0].tolist() == [3, 2]
    assert np.array_equal(flipped.pixels, pixels[::-1, ::-1])
    again = flipped.flipped()
    assert np.array_equal(again.pixels, pixels)
    assert np.array_equal(again.corners, line.corners)


def test_lines_are_padded_with_grey_or_squeezed() -> None:
    white = np.full((24, 100, 3), 255, np.uint8)
    images = line_images([white, white], [200, 100], 320, 48)
    assert images.shape == (2, 48, 320, 3)
    assert images.dtype == np.uint8
    assert (images[0, :, :200] == 255).all()
    assert (images[1, :, :100] == 255).all()
    assert (images[0, :, 200:] == PADDING).all()
    assert (images[1, :, 100:] == PADDING).all()


class SureOfEveryThird:
    """A classifier: of each batch the third, sixth … line stands on its head."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def flipped(self, lines: Iterable[Images]) -> Iterator[NDArray[np.float32]]:
        for batch in lines:
            self.shapes.append(batch.shape)
            yield np.array([0.95 if index % 3 == 2 else 0.85 for index in range(len(batch))], np.float32)


def test_lines_are_classified_six_at_once() -> None:
    network = SureOfEveryThird()
    lines = [LineImage(np.zeros((4, 9, 3), np.uint8), corners(0, 0, 9, 4))] * 8
    assert [sure > SURE for sure in Orientation(network).flipped(lines)] == [n in (2, 5) for n in range(8)]
    assert network.shapes == [(6, 48, 192, 3), (2, 48, 192, 3)]
    assert Orientation(network).flipped([]) == []
