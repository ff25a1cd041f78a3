"""Whether embedded text is taken: the rule, case by case."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from actors.render.embedded_text import (
    EmbeddedLine,
    EmbeddedPage,
    Verdict,
    as_it_is,
    clean,
    fault_of_characters,
    is_scan,
    judge,
    text_of,
)
from actors.render.page_ink import Ink
from cluster.page_text import Box

WIDTH, HEIGHT = 600.0, 800.0
WHOLE: Box = (0, 0, WIDTH, HEIGHT)
GOOD = "The quick brown fox jumps over the lazy dog near the river bank"
POOR = "tl1e q|uick br0wn f0x jumq5 0v3r tlnc 1azy clog aud tHeN rvns awäy5"


def line(text: str, top: float, *, hidden: bool = False, width: float = 400) -> EmbeddedLine:
    return EmbeddedLine(text, (50, top, 50 + width, top + 12), hidden)


def page(*lines: EmbeddedLine, pictures: tuple[Box, ...] = ()) -> EmbeddedPage:
    return EmbeddedPage(WIDTH, HEIGHT, (lines,) if lines else (), pictures)


def ink(*boxes: Box) -> Ink:
    """Black and white specks in these boxes, a pixel a point."""
    pixels: NDArray[np.uint8] = np.full((int(HEIGHT), int(WIDTH)), 255, np.uint8)
    for x0, y0, x1, y1 in boxes:
        area = pixels[int(y0) : int(y1), int(x0) : int(x1)]
        area[:] = np.random.default_rng(1).integers(0, 2, area.shape, np.uint8) * 255
    return Ink(pixels, 1.0)


def prose(count: int = 20, *, text: str = GOOD, hidden: bool = False) -> list[EmbeddedLine]:
    return [line(text, 40 + 20 * number, hidden=hidden) for number in range(count)]


def inked(lines: list[EmbeddedLine]) -> list[Box]:
    return [each.bbox for each in lines]


def verdict_of(carried: EmbeddedPage, shown: Ink) -> Verdict:
    """As pdf_document.py puts the steps together."""
    if is_scan(carried):
        return Verdict(None)
    fault = fault_of_characters(carried)
    return Verdict(None, fault) if fault else judge(carried, shown)


def taken(verdict: Verdict) -> str:
    assert verdict.read is not None, verdict.reason
    return verdict.read.text


def refused(verdict: Verdict) -> str:
    assert verdict.read is None
    return verdict.reason or ""


def test_good_text_is_taken_in_the_order_of_the_file() -> None:
    first, second, third = line("One", 40), line("two", 60), line("three", 300)
    carried = EmbeddedPage(WIDTH, HEIGHT, ((first, second), (third,)))
    read = verdict_of(carried, ink(first.bbox, second.bbox, third.bbox)).read
    assert read is not None
    assert (read.text, read.reason, read.confidence) == ("One\ntwo\n\nthree", None, 1.0)
    assert [each.bbox for each in read.lines] == [first.bbox, second.bbox, third.bbox]


def test_a_blank_page_needs_no_ocr() -> None:
    verdict = verdict_of(page(), ink())
    assert taken(verdict) == ""
    assert verdict.read is not None
    assert verdict.read.reason == "the page is blank"


def test_a_scan_is_for_ocr_and_nothing_is_said_about_it() -> None:
    assert refused(verdict_of(page(pictures=(WHOLE,)), ink(WHOLE))) == ""
    assert refused(verdict_of(page(), ink((0, 0, 300, 300)))) == "", "letters drawn as outlines"


def test_a_small_picture_on_an_empty_page_is_looked_at() -> None:
    assert taken(verdict_of(page(pictures=((0, 0, 90, 90),)), ink())) == ""


@pytest.mark.parametrize("unknown", ["�", "\ue123", "\x03", "\U000f0001"])
def test_characters_without_a_mapping(unknown: str) -> None:
    lines = prose(5, text=f"{unknown * 8} {unknown * 5} and so")
    assert "no Unicode mapping for 72% of its characters" in refused(verdict_of(page(*lines), ink(*inked(lines))))
    lines = prose(5, text=f"{unknown} A point of a list, whose bullet has no mapping; {unknown} another")
    assert "A point of a list" in taken(verdict_of(page(*lines), ink(*inked(lines))))


def test_text_that_reads_like_nothing() -> None:
    lines = prose(5, text="7KLV LV D WHVW RI WKH JOREDO HPHUJHQFB EURDGFDVW")
    assert "reads like words" in refused(verdict_of(page(*lines), ink(*inked(lines))))


def test_a_good_earlier_ocr_is_taken_and_said_to_be_one() -> None:
    lines = prose(20, hidden=True)
    read = verdict_of(page(*lines, pictures=(WHOLE,)), ink(*inked(lines))).read
    assert read is not None
    assert (read.reason, read.confidence) == ("an earlier OCR, as embedded", None)
    assert read.text.startswith(GOOD)


@pytest.mark.parametrize("text", [POOR, " ".join(GOOD.replace(" ", "")), "--- *** ///"])
def test_a_poor_earlier_ocr_is_not(text: str) -> None:
    lines = prose(20, text=text, hidden=True)
    assert "an earlier OCR of poor quality" in refused(verdict_of(page(*lines, pictures=(WHOLE,)), ink(*inked(lines))))


def test_an_earlier_ocr_that_left_out_half_of_the_page() -> None:
    lines = prose(10, hidden=True)
    verdict = verdict_of(page(*lines, pictures=(WHOLE,)), ink(*inked(lines), (50, 400, 550, 780)))
    assert "it covers" in refused(verdict)


def test_hidden_lines_among_seen_ones_do_not_count() -> None:
    lines = [*prose(10), line("a note that nobody sees", 700, hidden=True)]
    assert "nobody" not in taken(verdict_of(page(*lines), ink(*inked(lines))))


def test_text_that_leaves_no_trace_does_not_count() -> None:
    """White on white, off the page, clipped away."""
    seen, unseen = prose(10), [line("white on white", 700), EmbeddedLine("far away", (900, 900, 999, 912))]
    assert taken(verdict_of(page(*seen, *unseen), ink(*inked(seen)))) == "\n".join([GOOD] * 10)
    assert taken(verdict_of(page(*unseen), ink())) == "", "then the page is blank"
    assert refused(verdict_of(page(*unseen), ink((0, 0, 600, 600)))) == "", "or a scan"


def test_a_stamp_on_a_scan_is_not_its_text() -> None:
    stamp = [line("Downloaded from the library of the university on 3 March 2020", 780)]
    assert "it covers" in refused(verdict_of(page(*stamp, pictures=(WHOLE,)), ink(WHOLE)))


def test_a_scan_in_strips_counts_as_one() -> None:
    strips = tuple((0.0, 100.0 * n, WIDTH, 100.0 * (n + 1)) for n in range(8))
    lines = prose(15)
    assert "it covers" in refused(verdict_of(page(*lines, pictures=strips), ink(*inked(lines), (50, 500, 550, 790))))


def test_text_over_a_background_picture_without_detail_is_taken() -> None:
    lines = prose(15)
    assert taken(verdict_of(page(*lines, pictures=(WHOLE,)), ink(*inked(lines))))


def test_a_page_of_text_may_have_a_photograph() -> None:
    lines, photograph = prose(15), (50.0, 400.0, 550.0, 750.0)
    assert taken(verdict_of(page(*lines, pictures=(photograph,)), ink(*inked(lines), photograph)))


def test_a_photograph_with_a_caption_is_for_ocr() -> None:
    caption, photograph = [line("The harbour in winter", 760, width=120)], (50.0, 100.0, 550.0, 600.0)
    assert "it covers" in refused(verdict_of(page(*caption, pictures=(photograph,)), ink(caption[0].bbox, photograph)))


def test_a_drawing_with_labels_is_taken_unless_it_is_nearly_all() -> None:
    labels = prose(6)
    assert taken(verdict_of(page(*labels), ink(*inked(labels), (50, 400, 550, 790))))
    lonely = [line("Fig. 3", 780, width=40)]
    assert "it covers" in refused(verdict_of(page(*lonely), ink(lonely[0].bbox, (0, 0, 600, 700))))


def test_more_characters_than_a_page_has() -> None:
    carried = EmbeddedPage(WIDTH, HEIGHT, (tuple(prose(3)),), overlong=True)
    assert "more than 200000 characters" in refused(verdict_of(carried, ink()))
    assert as_it_is(carried).reason == "cut after 200000 characters"
    assert as_it_is(carried).text.startswith(GOOD)


def test_as_it_is_whatever_it_is_like() -> None:
    lines = [*prose(1, text=POOR, hidden=True), line("7KLV", 700)]
    assert as_it_is(page(*lines)).text == f"{POOR}\n7KLV"
    assert as_it_is(page(*lines)).reason is None
    assert as_it_is(page()).reason == "the page has no embedded text"


def test_signs_of_symbol_fonts_and_control_characters() -> None:
    assert clean("\uf0b7 one\x07 \uf0a7two\x00") == "• one ▪two"
    assert clean("Schiff\xad") == "Schiff-"
    assert text_of(page(line("\x01", 40), line("left", 60))).text == "left"
