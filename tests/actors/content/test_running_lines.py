from __future__ import annotations

import pytest

from actors.content.page import arranged, plain
from actors.content.running_lines import is_page_number
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

BODY = prose([f"row {number} of the text of this page" for number in range(20)], 50, 150, 700)


def running(page: PageText) -> dict[str, BlockKind]:
    return {block.text: block.kind for block in page.blocks if block.kind.running}


@pytest.mark.parametrize(
    "text",
    ["7", "- 12 -", "xiv", "[3]", "Page 3", "page 3 of 7", "3/7", "Seite 4", "p. 12", "12 von 30", "第3頁", "· 5 ·"],
)
def test_page_numbers(text: str) -> None:
    assert is_page_number(text)


@pytest.mark.parametrize("text", ["Chapter 3", "1 Introduction", "12 apples", "12345", "A", "II", "3.14", "", "$ 7.50"])
def test_no_page_numbers(text: str) -> None:
    assert not is_page_number(text)


@pytest.mark.parametrize(("y", "kind"), [(40, BlockKind.PAGE_HEADER), (950, BlockKind.PAGE_FOOTER)])
def test_a_page_number_that_no_model_told_is_left_out(y: float, kind: BlockKind) -> None:
    page = plain(read(*BODY, line("99", 395, y)), WIDTH, HEIGHT)
    assert running(page) == {"99": kind}
    assert "99" not in page.text.split()


def test_words_far_from_a_page_number_in_the_first_row_are_a_running_header() -> None:
    page = plain(read(line("The history of Rome", 50, 80), line("117", 720, 82), *BODY), WIDTH, HEIGHT)
    assert running(page) == {"The history of Rome 117": BlockKind.PAGE_HEADER}


@pytest.mark.parametrize("text", ["https://example.org/a", "© 2020 A Press", "Printed 12.03.2021"])
def test_an_address_a_date_or_a_copyright_at_the_foot_is_a_running_footer(text: str) -> None:
    page = plain(read(*BODY, line(text, 50, 940)), WIDTH, HEIGHT)
    assert running(page) == {text: BlockKind.PAGE_FOOTER}


@pytest.mark.parametrize(
    "lines",
    [
        [line("The Title of It", 200, 60, height=40)],
        [line("John Smith, 12 Main Road, Oldbridge", 50, 60)],
        [line("1 Introduction", 50, 80)],
        [line("Chapter 3", 350, 60)],
    ],
)
def test_what_else_stands_at_the_top_stays(lines: list[Line]) -> None:
    page = plain(read(*lines, *BODY), WIDTH, HEIGHT)
    assert running(page) == {}
    assert lines[0].text in page.text


def test_a_models_header_in_the_middle_of_the_page_is_text() -> None:
    middle = line("no header here", 50, 500)
    others = [each for each in BODY if not 470 < each.bbox[1] < 530]
    page = arranged(read(*others, middle), [region(BlockKind.PAGE_HEADER, 40, 495, 400, 525)], WIDTH, HEIGHT)
    assert running(page) == {}


def test_a_models_header_and_footer_are_kept_and_left_out() -> None:
    head, foot = line("A Journal of Things", 50, 60), line("and its foot", 50, 950)
    regions = [region(BlockKind.PAGE_HEADER, *head.bbox), region(BlockKind.PAGE_FOOTER, *foot.bbox)]
    page = arranged(read(foot, *BODY, head), regions, WIDTH, HEIGHT)
    assert [block.kind for block in page.blocks] == [BlockKind.PAGE_HEADER, BlockKind.PARAGRAPH, BlockKind.PAGE_FOOTER]
    assert "Journal" not in page.text
    assert "foot" not in (page.markdown or "")


def test_a_page_of_nothing_but_a_number_says_it() -> None:
    page = plain(read(line("17", 395, 500)), WIDTH, HEIGHT)
    assert page.text == page.markdown == "17"


def foot(*texts: str) -> tuple[list[Line], PageText]:
    """Rows at the foot that a model takes for a running footer."""
    rows = [line(text, 50, 900 + 24 * number) for number, text in enumerate(texts)]
    where = region(BlockKind.PAGE_FOOTER, 40, 890, 760, 1000)
    return rows, arranged(read(*BODY, *rows), [where], WIDTH, HEIGHT)


@pytest.mark.parametrize("marks", ["12", "¹²", "²³", "*†"])
def test_rows_with_marks_at_the_foot_are_notes(marks: str) -> None:
    _, page = foot(*(f"{mark} A note on what stands above." for mark in marks))
    assert page.blocks[-1].kind is BlockKind.FOOTNOTE
    assert "on what stands above" in page.text


def test_an_address_of_several_rows_at_the_foot_stays() -> None:
    rows, page = foot("A Works, Inc.", "12 Main Road, Oldbridge", "Telephone 555 0100")
    assert all(row.text in page.text for row in rows)
    _, numbered = foot("A Works, Inc.", "12 Main Road, Oldbridge", "17")
    assert "Oldbridge" not in numbered.text


def test_what_stands_below_the_title_is_no_running_header() -> None:
    title, issue = line("The Daily Paper", 200, 40, height=50), line("Issue 214, May 2026", 500, 100)
    regions = [region(BlockKind.TITLE, *title.bbox), region(BlockKind.PAGE_HEADER, *issue.bbox)]
    assert "Issue 214" in arranged(read(title, issue, *BODY), regions, WIDTH, HEIGHT).text


@pytest.mark.parametrize(
    ("head", "others"),
    [
        (line("A Journal of Things", 395, 60), []),
        (line("A Journal of Things", 50, 60, height=14), []),
        (line("A Journal of Things", 50, 60), [line("17", 395, 950)]),
    ],
    ids=["centred", "small", "numbered"],
)
def test_a_models_header_that_is_set_apart_is_left_out(head: Line, others: list[Line]) -> None:
    page = arranged(read(head, *BODY, *others), [region(BlockKind.PAGE_HEADER, *head.bbox)], WIDTH, HEIGHT)
    assert "Journal" not in page.text


def test_a_models_header_that_looks_as_the_text_does_is_a_sheets_title() -> None:
    head = line("Lentil soup", 50, 60)
    page = arranged(read(head, *BODY), [region(BlockKind.PAGE_HEADER, *head.bbox)], WIDTH, HEIGHT)
    assert (page.markdown or "").startswith("# Lentil soup\n") or (page.markdown or "").startswith("## Lentil soup\n")
