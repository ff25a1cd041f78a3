"""Labels and values are read row by row, columns one after the other."""

from __future__ import annotations

import pytest

from actors.content.direction import Direction
from actors.content.page import arranged, plain
from actors.content.paired_rows import pairs_up
from actors.content.piece import Piece, pieces_of
from cluster.page_text import BlockKind, Line
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

LABELS = ("Date of birth:", "Nationality:", "Member number:", "Kind of ticket:", "Place of birth:")
VALUES = ("23.08.1961", "Swedish", "OB-00731", "Season ticket", "Oldbridge")
NUMBERED = ("14", "2,250.00", "17 March", "8 of 9", "No. 5551")
NAMES = ("Anna Lindqvist", "Peter Vance", "Helen Okafor", "Tom Arkwright", "Mary Smith")


def side(texts: tuple[str, ...], x: float, y: float = 200, pitch: float = 30, height: float = 20) -> list[Line]:
    return [line(text, x, y + number * pitch, height=height) for number, text in enumerate(texts)]


def form(labels: tuple[str, ...], values: tuple[str, ...], pitch: float = 30) -> list[Line]:
    return [*side(labels, 50, pitch=pitch), *side(values, 400, pitch=pitch)]


def pieces(lines: list[Line]) -> list[Piece]:
    return pieces_of(lines, Direction.RIGHTWARD, WIDTH)


def rows(labels: tuple[str, ...], values: tuple[str, ...]) -> str:
    return "\n".join(f"{label} {value}" for label, value in zip(labels, values, strict=True))


@pytest.mark.parametrize("pitch", [26, 30, 60])
@pytest.mark.parametrize("values", [VALUES, NUMBERED], ids=["words", "numbers"])
def test_labels_and_values_are_read_row_by_row(values: tuple[str, ...], pitch: float) -> None:
    page = plain(read(*form(LABELS, values, pitch)), WIDTH, HEIGHT)
    assert "\n".join(row for row in page.text.split("\n") if row) == rows(LABELS, values)


def test_numbers_beside_names_need_no_colon() -> None:
    page = plain(read(*form(NAMES, NUMBERED)), WIDTH, HEIGHT)
    assert page.text == rows(NAMES, NUMBERED)
    assert page.markdown == rows(NAMES, NUMBERED).replace("\n", "  \n")


def test_a_list_in_two_columns_is_read_column_by_column() -> None:
    others = ("Lentil soup", "Bread pudding", "Roast beef", "Apple cake", "Plain rice")
    text = plain(read(*form(NAMES, others)), WIDTH, HEIGHT).text
    assert text.index(NAMES[-1]) < text.index(others[0])


def test_columns_of_text_whose_lines_stand_level_stay_columns() -> None:
    left = prose([f"the left column in its row {n} says" for n in range(8)], 50, 200)
    right = prose([f"and the right one in row {n} says more" for n in range(8)], 420, 200)
    text = plain(read(*left, *right), WIDTH, HEIGHT).text
    assert text.index("left column in its row 7") < text.index("the right one in row 0")


def test_regions_of_labels_and_of_values_are_one_part() -> None:
    lines = form(LABELS, VALUES)
    regions = [region(BlockKind.PARAGRAPH, 40, 190, 300, 350), region(BlockKind.PARAGRAPH, 390, 190, 700, 350)]
    assert arranged(read(*lines), regions, WIDTH, HEIGHT).text == rows(LABELS, VALUES)


def test_regions_of_one_row_each_are_read_across() -> None:
    lines = form(LABELS, VALUES, 60)
    regions = [region(BlockKind.PARAGRAPH, *each.bbox) for each in lines]
    text = arranged(read(*lines), regions, WIDTH, HEIGHT).text
    assert text.split() == rows(LABELS, VALUES).split()


def test_one_region_of_both_is_read_across() -> None:
    lines = form(LABELS, VALUES)
    page = arranged(read(*lines), [region(BlockKind.PARAGRAPH, 40, 190, 700, 350)], WIDTH, HEIGHT)
    assert page.text == rows(LABELS, VALUES)


def test_a_form_above_columns_leaves_them_columns() -> None:
    left = prose([f"the left column in its row {n} says" for n in range(8)], 50, 500)
    right = prose([f"and the right one in row {n} says more" for n in range(8)], 420, 500)
    text = plain(read(*form(LABELS, VALUES), *left, *right), WIDTH, HEIGHT).text
    assert rows(LABELS, VALUES) in text
    assert text.index("left column in its row 7") < text.index("the right one in row 0")


def test_lower_letters_beside_higher_ones_are_labels() -> None:
    labels = side(NAMES, 50, 202, height=14)
    assert pairs_up(pieces(labels), pieces(side(VALUES, 400)), 20)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (side(LABELS[:1], 50), side(VALUES[:1], 400)),
        (side(LABELS, 50), side(VALUES, 400, 215)),
        (side(LABELS, 50), side(VALUES[:3], 400)),
        (side(LABELS[:2], 50), side(VALUES, 400)),
        (side(tuple(f"{label} which is a long text as no label is" for label in LABELS), 50), side(VALUES, 700)),
    ],
    ids=["one row", "not level", "labels without values", "values without labels", "long"],
)
def test_what_does_not_pair_up(left: list[Line], right: list[Line]) -> None:
    assert not pairs_up(pieces(left), pieces(right), 20)


def test_a_value_that_a_model_takes_for_a_heading_stays_with_its_label() -> None:
    lines = form(LABELS, VALUES)
    labels, heading, values = ((40, 190, 300, 350), (390, 195, 700, 225), (390, 226, 700, 350))
    regions = [
        region(BlockKind.PARAGRAPH, *labels),
        region(BlockKind.HEADING, *heading),
        region(BlockKind.PARAGRAPH, *values),
    ]
    assert arranged(read(*lines), regions, WIDTH, HEIGHT).text == rows(LABELS, VALUES)


def test_a_heading_inside_a_text_and_level_with_a_row_of_it_is_none() -> None:
    regions = [region(BlockKind.PARAGRAPH, 40, 190, 700, 350), region(BlockKind.HEADING, 390, 195, 520, 225)]
    assert arranged(read(*form(LABELS, VALUES)), regions, WIDTH, HEIGHT).text == rows(LABELS, VALUES)
    above = [line("A heading", 50, 170), *prose([f"row {n} of a text" for n in range(5)], 50, 195)]
    regions = [region(BlockKind.PARAGRAPH, 40, 165, 700, 350), region(BlockKind.HEADING, 40, 165, 200, 192)]
    assert arranged(read(*above), regions, WIDTH, HEIGHT).blocks[0].kind is BlockKind.HEADING
