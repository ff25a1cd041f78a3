from __future__ import annotations

import pytest

from actors.ocr.believed_text import ReadPage, believed
from cluster.page_text import Line

UNREAD = "lines are in a script that this engine does not read"


def line(text: str, sure: float, *, ratio: float | None = None, row: int = 0) -> Line:
    """A line 20 high; as long as print would make it, or ``ratio`` times as long as high."""
    length = 20 * (ratio if ratio is not None else max(1.0, len(text) / 2.2))
    return Line(text, (0, 30.0 * row, length, 30.0 * row + 20), sure)


def paper(lines: list[Line], share: float = 0.95) -> ReadPage:
    return believed(lines, lambda: share)


def texts(read: ReadPage) -> list[str]:
    return [each.text for each in read.lines]


PRINT = [line("The first line of some print", 0.99), line("and the second one of it", 0.97, row=1)]


def test_print_is_believed() -> None:
    assert paper(PRINT) == ReadPage(PRINT, None)
    assert paper([]) == ReadPage([])


@pytest.mark.parametrize(
    ("text", "sure", "kept"),
    [
        ("a word that is hard to read", 0.51, True),
        ("a word that is hard to read", 0.49, False),
        ("7", 0.65, True),
        ("7", 0.55, False),
        ("Tm", 0.54, False),
        ("•", 0.85, True),
        ("~.", 0.75, False),
        ("", 0.0, False),
        ("  ", 0.9, False),
        ("...........", 0.95, True),
    ],
)
def test_what_is_short_or_without_letters_must_be_surer(text: str, sure: float, kept: bool) -> None:
    read = paper([*PRINT, line(text, sure, row=2)])
    assert texts(read)[len(PRINT) :] == ([text] if kept else [])
    assert read.reason is None


def test_a_page_of_which_most_lines_have_no_answer_is_in_a_foreign_script() -> None:
    answers = [("", 0.0), ("", 0.0), (".  .", 0.95), ("R", 0.85), ("4711 Invoice total of it", 0.97)]
    lines = [line(text, sure, ratio=20, row=row) for row, (text, sure) in enumerate(answers)]
    read = paper(lines)
    assert texts(read) == ["4711 Invoice total of it"]
    assert read.reason == f"4 {UNREAD}"
    assert believed(lines, lambda: 0.95, "Arabic").reason == f"4 {UNREAD} (Arabic)"
    assert believed(PRINT, lambda: 0.95, "Arabic").reason is None


def test_a_page_that_is_unsure_throughout_is_one_too() -> None:
    lines = [line("4GCL uICU A4,Ua 4tUIr XA tLAUI", 0.65, row=row) for row in range(4)]
    assert paper(lines) == ReadPage([], f"4 {UNREAD}")


def test_many_lines_none_of_which_is_sure_are_not_believed() -> None:
    lines = [line("ņhudmuh umdmuímdq đınqm mínn gr", 0.79, row=row) for row in range(8)]
    assert paper(lines) == ReadPage([], f"8 {UNREAD}")
    assert texts(paper(lines[:3])) == [each.text for each in lines[:3]]


@pytest.mark.parametrize("share", [0.99, 0.85], ids=["paper", "dark"])
def test_a_hand_that_is_hard_to_read_is_kept(share: float) -> None:
    words = ["Dear Annie we had a qood", "nornimg at the lake yesterdau", "and hope to see yov soon"]
    lines = [line(words[row % 3], 0.62 + 0.02 * row, row=row) for row in range(8)]
    assert paper(lines, share) == ReadPage(lines, None)


def test_a_poor_page_is_kept() -> None:
    lines = [line(f"line {row} of a poor page", 0.92 if row % 3 == 0 else 0.7, row=row) for row in range(9)]
    assert paper(lines) == ReadPage(lines, None)


def test_greek_words_are_not_in_the_dictionary_and_greek_letters_of_formulas_are() -> None:
    greek = [line("λι νθωι ενιονται ελεθερι αι σοι στην", 0.93, row=row) for row in range(3)]
    assert paper([*PRINT, *greek]) == ReadPage(PRINT, f"3 {UNREAD} (Greek)")
    formula = line("sin(α + β) = sin α cos β + cos α sin β", 0.93, row=2)
    assert paper([*PRINT, formula]).lines == [*PRINT, formula]


def test_some_lines_of_a_page_may_be_in_another_script() -> None:
    page = [line("Some print in letters that are known", 0.99, row=row) for row in range(6)]
    foreign = [line("", 0.0, ratio=18, row=row) for row in (6, 7)]
    assert paper([*page, *foreign]) == ReadPage(page, f"2 {UNREAD}")


def test_a_rule_and_a_stain_are_no_script() -> None:
    page = [line("Some print in letters that are known", 0.99, row=row) for row in range(6)]
    assert paper([*page, line("—", 0.9, ratio=40), line("", 0.0, ratio=1.5), line("", 0.0, ratio=2)]) == ReadPage(page)
    many = page * 9
    assert paper([*many, *[line("", 0.0, ratio=6, row=row) for row in range(5)]]) == ReadPage(many)


def test_on_a_picture_only_words_are_believed() -> None:
    lines = [line("O", 0.97), line("8", 0.99, row=1), line("YAMAHA", 0.87, row=2), line("0000", 0.8, row=3)]
    assert texts(paper(lines, 0.9)) == ["YAMAHA"]


def test_on_paper_a_lone_number_is_believed_where_it_is_sure() -> None:
    assert texts(paper([line("12", 0.95)], 0.99)) == ["12"]
    assert texts(paper([line("12", 0.85), line("scribbled", 0.6, row=1)], 0.99)) == ["scribbled"]


@pytest.mark.parametrize(
    ("lines", "share", "told"), [(3, 0.8, False), (3, 0.9, True), (9, 0.75, True), (9, 0.6, False)]
)
def test_rows_of_windows_are_no_script(lines: int, share: float, told: bool) -> None:
    read = paper([line("", 0.0, ratio=12, row=row) for row in range(lines)], share)
    assert read == ReadPage([], f"{lines} {UNREAD}" if told else None)


def test_one_sure_word_shows_that_there_is_text() -> None:
    lines = [line("8", 0.7), line("STOP", 0.99, row=1)]
    assert paper(lines, 0.1).lines == lines


def test_how_plain_the_page_is_matters_only_without_words() -> None:
    def never() -> float:
        raise AssertionError("asked for")

    assert believed(PRINT, never).lines == PRINT
    assert believed([], never).lines == []


def test_a_columns_length_is_its_height() -> None:
    columns = [Line("平等である平等である", (x, 0, x + 20, 240), 0.99) for x in (0, 40, 80)]
    assert paper(columns).lines == columns
