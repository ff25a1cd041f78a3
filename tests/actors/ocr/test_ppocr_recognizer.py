from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.ocr.ppocr_line import LineImage
from actors.ocr.ppocr_network import Images, Steps
from actors.ocr.ppocr_recognizer import LEAST_NARROW, LEAST_WIDTH, MOST_WIDTH, ReadLine, Recognizer, buckets, own_width


class Shades:
    """Reads the shade of each line's first pixel as an index. unsure: the shade that it reads badly."""

    characters: tuple[str, ...] = ("", "a", "b", "c")

    def __init__(self, batch_width: int = 1, unsure: int = -1) -> None:
        self.batch_width = batch_width
        self.most_lines = 3
        self.shapes: list[tuple[int, ...]] = []
        self._unsure = unsure

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        for batch in lines:
            self.shapes.append(batch.shape[:3])
            indices = np.repeat(batch[:, :1, 0, 0].astype(np.int32), 4, axis=1)
            yield Steps(indices, np.where(indices == self._unsure, np.float32(0.9), np.float32(0.99)))


def line(shade: int, width: int) -> LineImage:
    return LineImage(np.full((48, width, 3), shade, np.uint8), np.zeros((4, 2), np.float32))


def test_lines_are_read_by_width_and_answered_in_their_order() -> None:
    network = Shades(batch_width=1000)
    lines = [line(1, 400), line(2, 1000), line(0, 420), line(3, 500)]
    assert [read.text for read in Recognizer(network).skim(lines, [0, 1, None, None])] == ["a", "b", "", "c"]
    assert network.shapes == [(1, 48, 704), (1, 48, 288), (1, 48, 512), (1, 48, 432)]


def test_an_unsure_line_of_a_good_page_is_read_again_at_full_width() -> None:
    network = Shades(unsure=2)
    recognizer = Recognizer(network)
    lines = [line(1, 400), line(2, 20), line(3, 400), line(3, 400)]
    skimmed = recognizer.skim(lines, [0] * 4)
    assert [read.narrow for read in skimmed] == [True] * 4
    assert [shape[2] for shape in network.shapes] == [288, 288, 288, LEAST_NARROW]
    read = recognizer.read_unsure(lines, skimmed)
    assert [shape[2] for shape in network.shapes[4:]] == [LEAST_WIDTH]
    assert read[1].confidence == pytest.approx(0.9)
    assert [each.text for each in read] == ["a", "b", "c", "c"]
    assert recognizer.read_unsure(lines, read) == read
    assert len(network.shapes) == 5  # what was read wide is not read once more


def test_the_surer_reading_counts() -> None:
    recognizer = Recognizer(Shades(unsure=2))
    lines = [line(2, 800)]
    surer = ReadLine("squeezed", 0.95, narrow=True)
    assert recognizer.read_unsure(lines, [surer]) == [surer]


def test_a_poor_page_is_told_by_a_sample_and_read_wide() -> None:
    network = Shades(unsure=2)
    lines = [line(1, 400)] * 40 + [line(2, 400)] * 40
    read = Recognizer(network).skim(lines, [0] * 40 + [1] * 40)
    assert [each.narrow for each in read] == [True] * 40 + [False] * 40
    widths = Counter(shape[2] for shape in network.shapes)
    assert widths == {288: 8 + 8 + 32, 400: 40}


class Script:
    characters: tuple[str, ...] = ("", "a", "b", " ")
    batch_width = most_lines = 1

    def read(self, lines: Iterable[Images]) -> Iterator[Steps]:
        for _ in lines:
            indices = np.array([[0, 1, 1, 0, 1, 3, 2, 2, 0]], np.int32)
            yield Steps(indices, np.array([[0.1, 0.9, 0.1, 0.1, 0.8, 0.7, 0.6, 0.1, 0.1]], np.float32))


def test_repeats_are_one_character_and_blanks_none() -> None:
    (read,) = Recognizer(Script()).skim([line(0, 100)], [0])
    assert read.text == "aa b"
    assert read.confidence == pytest.approx(0.75)


def test_nothing_is_read_of_nothing() -> None:
    assert Recognizer(Script()).skim([], []) == []
    assert Recognizer(Script()).read_unsure([], []) == []


@given(st.lists(st.integers(1, 7000), max_size=60), st.integers(1, 20_000), st.integers(1, 50))
def test_every_line_is_in_one_batch_within_its_budget(widths: list[int], batch_width: int, most_lines: int) -> None:
    batches = buckets(widths, batch_width, most_lines)
    assert sorted(index for batch in batches for index in batch) == list(range(len(widths)))
    for batch in batches:
        assert len(batch) == 1 or widths[batch[0]] * len(batch) <= batch_width
        assert len(batch) <= most_lines
        assert {widths[index] for index in batch} == {widths[batch[0]]}


@pytest.mark.parametrize(
    ("shape", "squeeze", "width"),
    [((24, 100), 1, 200), ((24, 100), 0.5, 100), ((1, 9000), 1, MOST_WIDTH), ((900, 1), 1, 1)],
)
def test_a_line_is_as_wide_as_its_height_makes_it(shape: tuple[int, int], squeeze: float, width: int) -> None:
    assert own_width(np.zeros((*shape, 3), np.uint8), squeeze) == width
