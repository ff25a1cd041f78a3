from __future__ import annotations

import pytest

from actors.content.page import arranged, plain
from actors.content.running_marks import is_page_number
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.content.pages import HEIGHT, WIDTH, line, prose, read, region

BODY = prose([f"row {number} of the text of this page" for number in range(20)], 50, 150, 700)


def running(page: PageText) -> dict[str, BlockKind]:
    return {block.text: block.kind for block in page.blocks if block.kind.running}


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "- 12 -",
        "xiv",
        "[3]",
        "Page 3",
        "page 3 of 7",
        "3/7",
        "Seite 4",
        "p. 12",
        "12 von 30",
        "第3頁",
        "· 5 ·",
        "S. iv",
    ],
)
def test_page_numbers(text: str) -> None:
    assert is_page_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "Chapter 3",
        "1 Introduction",
        "12 apples",
        "12345",
        "A",
        "II",
        "3.14",
        "",
        "$ 7.50",
        "SIX",
        "pill",
        "1984",
        "May 3/2021",
    ],
)
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


def test_a_total_below_figures_is_no_running_footer() -> None:
    sums = [line(text, x, y) for y in (800, 830) for text, x in ((f"Apples at {y}", 50), (f"{y // 8}", 720))]
    page = plain(read(*BODY[:20], *sums, line("Total", 50, 900), line("203", 720, 900)), WIDTH, HEIGHT)
    assert running(page) == {}
    assert "Total 203" in page.text


def test_a_sentence_about_an_address_at_the_foot_stays() -> None:
    text = "All of it can be had from www.example.org."
    assert text in plain(read(*BODY, line(text, 50, 940)), WIDTH, HEIGHT).text


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


SMALL = 14.0


def at_foot(text: str, y: float = 950, height: float = 20, *others: Line) -> PageText:
    """A page whose last line a model takes for a running footer."""
    last = line(text, 50, y, height=height)
    return arranged(read(*BODY, *others, last), [region(BlockKind.PAGE_FOOTER, *last.bbox)], WIDTH, HEIGHT)


@pytest.mark.parametrize("height", [SMALL, 20])
@pytest.mark.parametrize("text", ["Bank of the North, account 7730 1182 5", "Registered in Oldbridge, number 04471"])
def test_facts_at_the_foot_of_a_page_without_number_stay(text: str, height: float) -> None:
    assert text in at_foot(text, height=height).text
    assert text not in at_foot(text, 950, height, line("3", 395, 980)).text
    assert text in at_foot(text, 950, height, line("Page 1 of 1", 395, 980)).text


@pytest.mark.parametrize(("y", "height"), [(690, 20), (700, 20), (900, 20), (660, SMALL)])
def test_the_last_line_of_a_letter_stays(y: float, height: float) -> None:
    assert "Thomas Arkwright" in at_foot("Thomas Arkwright", y, height).text


@pytest.mark.parametrize(("y", "height"), [(950, 20), (950, SMALL), (900, SMALL)])
def test_what_stands_far_below_the_text_at_the_very_foot_or_in_small_print_runs(y: float, height: float) -> None:
    assert "A Journal of Things" not in at_foot("A Journal of Things", y, height).text


@pytest.mark.parametrize("text", ["ISSN 1234-5678", "© 2020 A Press 1234567"])
def test_where_it_was_published_runs(text: str) -> None:
    assert text not in at_foot(text).text


@pytest.mark.parametrize("text", ["12.03.2021", "Oldbridge, 12.03.2021"])
def test_a_date_at_the_foot_is_a_letters(text: str) -> None:
    assert running(plain(read(*BODY, line(text, 50, 940)), WIDTH, HEIGHT)) == {}
    assert text in at_foot(text, 900).text


@pytest.mark.parametrize(("text", "kept"), [("12 March 2026", True), ("Telephone 0555 318 240", True)])
def test_a_day_or_facts_at_the_head_of_a_page_without_number_stay(text: str, *, kept: bool) -> None:
    head = line(text, 500, 60)
    page = arranged(read(head, *BODY), [region(BlockKind.PAGE_HEADER, *head.bbox)], WIDTH, HEIGHT)
    assert (text in page.text) is kept


def test_the_number_of_an_invoice_is_no_page_number() -> None:
    page = plain(read(line("Invoice", 50, 80), line("117", 720, 82), *BODY), WIDTH, HEIGHT)
    assert running(page) == {}


def test_a_number_above_other_values_is_no_page_number() -> None:
    head = [line("Marlow & Finch", 50, 60), line("117", 720, 60), line("Customer", 50, 110), line("Okafor", 700, 110)]
    assert running(plain(read(*head, *BODY), WIDTH, HEIGHT)) == {}


def test_an_invoices_name_and_number_that_a_model_takes_for_headers_stay() -> None:
    name, number = line("Invoice", 50, 60), line("117", 720, 60)
    regions = [region(BlockKind.PAGE_HEADER, *each.bbox) for each in (name, number)]
    account = line("IBAN 1308 4041 9153", 50, 950, height=SMALL)
    regions.append(region(BlockKind.PAGE_FOOTER, *account.bbox))
    page = arranged(read(name, number, *BODY, account), regions, WIDTH, HEIGHT)
    assert all(each.text in page.text for each in (name, number, account))


def test_larger_letters_at_the_head_are_a_title_where_no_page_is_numbered() -> None:
    head = [line("A short introduction", 200, 40, height=26), line("to the shape of things", 200, 70, height=26)]
    regions = [region(BlockKind.PAGE_HEADER, 200, 40, 500, 96), region(BlockKind.PARAGRAPH, 50, 150, 750, 650)]
    page = arranged(read(*head, *BODY), regions, WIDTH, HEIGHT)
    assert running(page) == {}
    assert "A short introduction" in page.text
    page = arranged(read(*head, *BODY, line("12", 400, 970)), regions, WIDTH, HEIGHT)
    assert BlockKind.PAGE_HEADER in running(page).values()


def test_a_title_that_the_model_took_for_a_heading_beside_a_page_number_is_a_running_header() -> None:
    title, number = line("THE LONG ROAD", 330, 50), line("215", 700, 52)
    regions = [
        region(BlockKind.HEADING, 320, 45, 480, 75),
        region(BlockKind.PAGE_HEADER, 690, 45, 750, 78),
        region(BlockKind.PARAGRAPH, 40, 145, 760, 660),
    ]
    page = arranged(read(title, number, *BODY), regions, WIDTH, HEIGHT)
    assert running(page) == {"215": BlockKind.PAGE_HEADER, "THE LONG ROAD": BlockKind.PAGE_HEADER}


@pytest.mark.parametrize(("beside", "left_out"), [(("H1207", "RECORD OF THE HOUSE"), True), (("Oldbridge",), False)])
def test_a_date_beside_two_running_lines_is_one_as_well(beside: tuple[str, ...], left_out: bool) -> None:
    heads = [line(text, x, 50) for text, x in zip((*beside, "March 12, 2003"), (50, 250, 600), strict=False)]
    regions = [region(BlockKind.PAGE_HEADER, *head.bbox) for head in heads]
    page = arranged(read(*heads, *BODY), [*regions, region(BlockKind.PARAGRAPH, 40, 145, 760, 660)], WIDTH, HEIGHT)
    assert ("March 12, 2003" not in (page.markdown or "")) == left_out
