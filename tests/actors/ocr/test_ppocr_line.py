from __future__ import annotations

import numpy as np

from actors.ocr.ppocr_line import LineImage, Orientation, cut_line, line_tensor


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


def test_a_tensor_is_padded_or_squeezed_to_its_width() -> None:
    white = np.full((24, 100, 3), 255, np.uint8)
    padded = line_tensor(white, 320, 48)
    assert padded.shape == (1, 3, 48, 320)
    assert padded.dtype == np.float32
    assert (padded[..., :200] == 1).all()
    assert (padded[..., 200:] == 0).all()
    assert (line_tensor(white, 100, 48) == 1).all()


class SureOfEveryThird:
    """A classifier's session: of each batch the third, sixth … line stands on its head."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def __call__(
        self, input_content: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        self.sizes.append(len(input_content))
        flipped = [0.95 if index % 3 == 2 else 0.85 for index in range(len(input_content))]
        return np.array([[1 - sure, sure] for sure in flipped], np.float32)

    def get_character_list(self, key: str = "character") -> list[str]:
        raise AssertionError("a classifier has no characters")


def test_only_what_is_sure_counts_as_flipped() -> None:
    session = SureOfEveryThird()
    lines = [LineImage(np.zeros((4, 9, 3), np.uint8), corners(0, 0, 9, 4))] * 8
    assert Orientation(session).is_flipped(lines) == [False, False, True, False, False, True, False, False]
    assert session.sizes == [6, 2]
    assert Orientation(session).is_flipped([]) == []
