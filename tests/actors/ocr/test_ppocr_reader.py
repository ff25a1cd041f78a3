"""What the reader makes of pages that lie otherwise than upright, of other scripts, and of pages without a word."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from actors.ocr.engine import BatchLimits, Pixels
from actors.ocr.page_pose import turn_of
from actors.ocr.rapidocr_engine import RapidOcrEngine
from benchmarks.text_agreement import edit_distance
from cluster.page_text import PageText
from tests.actors.ocr.cjk_pages import in_columns, in_rows
from tests.actors.ocr.engine_contract import blank, page, text_of
from tests.actors.ocr.pictures import DIRT, PHOTOGRAPHS, Draw

SCAN_SKEW = -0.35  # degrees clockwise, of the sample letter: samples/make_samples.py


@pytest.fixture(scope="module")
def rapidocr() -> RapidOcrEngine:
    engine = RapidOcrEngine(threads=2, limits=BatchLimits(pages=4, pixels=50_000_000, wait_ms=0))
    engine.load()
    return engine


def read(engine: RapidOcrEngine, pixels: Pixels) -> PageText:
    return text_of(engine.recognize([page(1, pixels)])[0])


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


@pytest.fixture(scope="module")
def upper_half(own_samples: Path) -> Pixels:
    """Of the sample letter."""
    with Image.open(own_samples / "letter.png") as image:
        return np.asarray(image.convert("RGB"))[:800]


@pytest.fixture(scope="module")
def upright(rapidocr: RapidOcrEngine, upper_half: Pixels) -> PageText:
    return read(rapidocr, upper_half)


def test_an_upright_page_is_told_as_such(upright: PageText) -> None:
    assert (upright.rotation, upright.reason) == (0, None)
    assert upright.skew == pytest.approx(SCAN_SKEW, abs=0.3)
    assert words(upright.text).total() > 40


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_page_that_is_turned_reads_the_same(
    rapidocr: RapidOcrEngine, upper_half: Pixels, upright: PageText, turn: int
) -> None:
    turned = read(rapidocr, np.ascontiguousarray(np.rot90(upper_half, turn // 90)))
    assert turned.text == upright.text
    assert turned.rotation == turn
    for line in turned.lines:
        assert line.quad is not None
        assert turn_of(line.quad) == turn


@pytest.mark.parametrize("skew", [2, -2, 5, -5, 10, -10])
def test_a_page_askew_is_read_as_a_straight_one(
    rapidocr: RapidOcrEngine, upper_half: Pixels, upright: PageText, skew: float
) -> None:
    image = Image.fromarray(upper_half).rotate(-skew, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    turn = 90 if skew < 0 else 0  # both at once
    askew = read(rapidocr, np.ascontiguousarray(np.rot90(np.asarray(image), turn // 90)))
    assert askew.rotation == turn
    assert askew.skew == pytest.approx(SCAN_SKEW + skew, abs=0.3)
    wanted, found = words(upright.text), words(askew.text)
    assert (wanted - found).total() <= 0.02 * wanted.total()


def test_columns_of_standing_characters_are_read_from_the_right(rapidocr: RapidOcrEngine) -> None:
    text = [
        "吾輩は猫である。名前はまだ無い。",
        "どこで生れたかとんと見当がつかぬ。",
        "人間というものを見た。しかもあとで",
    ]
    answer = read(rapidocr, in_columns(text))
    assert edit_distance("\n".join(text), answer.text) <= 2
    assert answer.rotation == 0
    first = answer.lines[0]
    assert first.quad is not None
    assert first.quad[:2] == pytest.approx(first.bbox[:2], abs=3)  # its characters stand


@pytest.mark.parametrize("turn", [90, 270])
def test_rows_of_a_page_on_its_side_are_no_columns(rapidocr: RapidOcrEngine, turn: int) -> None:
    text = ["吾輩は猫である名前はまだ無い", "どこで生れたかとんと見当がつかぬ", "人間というものを見た"]
    answer = read(rapidocr, np.ascontiguousarray(np.rot90(in_rows(text), turn // 90)))
    assert answer.text == "\n".join(text)
    assert answer.rotation == turn


@pytest.mark.parametrize(
    "text",
    [
        ["Все люди рождаются свободными и равными", "в своем достоинстве и правах. Они наделены"],
        ["모든 인간은 태어날 때부터 자유로우며 그", "존엄과 권리에 있어 동등하다. 인간은"],
        ["Όλοι οι άνθρωποι γεννιούνται ελεύθεροι", "και ίσοι στην αξιοπρέπεια και τα δικαιώματα"],
    ],
    ids=["Cyrillic", "Korean", "Greek"],
)
def test_a_script_that_it_does_not_read_is_named_and_not_guessed(rapidocr: RapidOcrEngine, text: list[str]) -> None:
    answer = read(rapidocr, in_rows(text * 2, size=24))
    assert answer.text == ""
    assert answer.reason is not None
    assert answer.reason.startswith("4 lines are in a script that this engine does not read")


def test_the_script_is_named_by_the_languages_that_the_user_told(rapidocr: RapidOcrEngine) -> None:
    pixels = in_rows(
        ["Все люди рождаются свободными и равными", "в своем достоинстве и правах. Они наделены"] * 2, size=24
    )
    told = replace(page(1, pixels), languages=("en", "ru"))
    assert text_of(rapidocr.recognize([told])[0]).reason == (
        "4 lines are in a script that this engine does not read (Cyrillic)"
    )


@pytest.mark.parametrize("photograph", PHOTOGRAPHS, ids=lambda draw: draw.__name__)
def test_a_photograph_has_no_words(rapidocr: RapidOcrEngine, photograph: Draw) -> None:
    answer = read(rapidocr, photograph(np.random.default_rng(1)))
    assert (answer.text, answer.reason, answer.confidence) == ("", None, None)


@pytest.mark.parametrize("dirt", DIRT, ids=lambda draw: draw.__name__)
def test_dirty_paper_is_an_empty_page(rapidocr: RapidOcrEngine, dirt: Draw) -> None:
    answer = read(rapidocr, dirt(np.random.default_rng(1)))
    assert (answer.text, answer.reason) == ("", None)


def test_a_page_that_is_but_its_number_is_read(rapidocr: RapidOcrEngine) -> None:
    image = Image.fromarray(blank(620, 877))
    ImageDraw.Draw(image).text((300, 810), "12", fill="black", font=ImageFont.load_default(28))
    assert read(rapidocr, np.asarray(image)).text == "12"
