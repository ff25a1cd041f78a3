from __future__ import annotations

from actors.content.page import arranged
from cluster.page_text import BlockKind
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region


def test_a_note_under_a_column_comes_last_and_the_text_goes_on() -> None:
    left = prose(["A first column that goes on", "in the middle of a"], 50, 100)
    right = prose(["sentence in the second one", "and ends."], 420, 100)
    note = line("1 A note.", 50, 180, 330, 14)
    regions = [
        region(BlockKind.PARAGRAPH, 40, 95, 390, 150),
        region(BlockKind.FOOTNOTE, 40, 175, 390, 200),
        region(BlockKind.PARAGRAPH, 410, 95, 760, 150),
    ]
    page = arranged(read(*left, note, *right), regions, WIDTH, HEIGHT)
    text = "A first column that goes on in the middle of a sentence in the second one and ends."
    assert page.text == f"{text}\n\n1 A note."


def test_a_note_that_has_text_below_it_stays_there() -> None:
    lines = [line("Above it.", 50, 100), line("* A note.", 50, 200, height=14), line("Below it.", 50, 300)]
    page = arranged(read(*lines), [region(BlockKind.FOOTNOTE, 40, 195, 390, 220)], WIDTH, HEIGHT)
    assert page.text == "Above it.\n\n* A note.\n\nBelow it."
