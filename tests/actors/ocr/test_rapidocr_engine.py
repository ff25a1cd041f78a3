from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from actors.ocr.engine import BatchLimits, Engine, PageImage, Pixels
from actors.ocr.ppocr_boxes import Corners
from actors.ocr.ppocr_detector import Detector
from actors.ocr.rapidocr_engine import RapidOcrEngine
from actors.render.document import open_document
from benchmarks.text_agreement import edit_distance
from cluster.errors import EngineFailed, EngineOutOfMemory
from cluster.page_text import PageText
from tests.actors.ocr.engine_contract import EngineContract, blank, page, printed, text_of

LIMITS = BatchLimits(pages=4, pixels=50_000_000, wait_ms=0)


@pytest.fixture(scope="module")
def rapidocr() -> RapidOcrEngine:
    engine = RapidOcrEngine(threads=2, limits=LIMITS)
    engine.load()
    return engine


def read(engine: Engine, pixels: Pixels) -> PageText:
    return text_of(engine.recognize([page(1, pixels)])[0])


class TestRapidOcrEngine(EngineContract):
    @pytest.fixture
    def engine(self, rapidocr: RapidOcrEngine) -> Engine:
        return rapidocr

    @pytest.fixture
    def failing_engine(self, rapidocr: RapidOcrEngine) -> Engine:
        return rapidocr

    @pytest.fixture
    def bad_page(self) -> PageImage:
        return page(7, np.zeros((10, 10, 2), np.uint8))  # two channels: no engine can take it


def test_the_version_names_wheel_weights_and_runtime(rapidocr: RapidOcrEngine) -> None:
    assert re.fullmatch(r"3\.10\.\d+/PP-OCRv6-small/(openvino|onnxruntime)-[0-9.]+-(f32|bf16)", rapidocr.version), (
        rapidocr.version
    )


def test_a_blank_page_is_empty(rapidocr: RapidOcrEngine) -> None:
    answer = read(rapidocr, blank(850, 1100))
    assert answer.text == ""
    assert answer.lines == ()
    assert answer.confidence is None


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (31, 31), (100, 4000), (4000, 100), (1, 20_000)])
def test_odd_shapes_are_read(rapidocr: RapidOcrEngine, width: int, height: int) -> None:
    assert read(rapidocr, blank(width, height)).text == ""
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    assert isinstance(rapidocr.recognize([page(1, noise)])[0], PageText)


def test_lines_come_in_order_with_boxes_round_them(rapidocr: RapidOcrEngine) -> None:
    answer = read(rapidocr, printed("Invoice 4711\nTotal 99.50", width=500, height=160))
    assert answer.text == "Invoice 4711\nTotal 99.50"
    first, second = (line.bbox for line in answer.lines)
    assert first[1] < 20 + 14 < first[3] < second[1] < 76 + 14 < second[3]
    assert first[0] == pytest.approx(20, abs=10)
    quad = answer.lines[0].quad
    assert quad is not None
    assert (quad[0], quad[1]) == pytest.approx((first[0], first[1]), abs=4)


def test_colours_are_taken_as_rgb(rapidocr: RapidOcrEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Pixels] = []

    def find(detector: Detector, pages: Sequence[Pixels]) -> Iterator[list[Corners]]:
        seen.extend(pages)
        return iter([[] for _ in pages])

    monkeypatch.setattr(Detector, "find", find)
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 0] = 200
    read(rapidocr, red)
    assert seen[0][0, 0].tolist() == [0, 0, 200]  # BGR, which the networks were trained on


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_turned_page_is_read_upright(rapidocr: RapidOcrEngine, turn: int) -> None:
    text = "The first line of it\nThe second line here\nAnd the third one"
    pixels = np.ascontiguousarray(np.rot90(printed(text, width=460, height=220), turn // 90))
    answer = read(rapidocr, pixels)
    assert answer.text == text
    assert answer.rotation == turn
    for line in answer.lines:
        assert line.quad is not None


def test_a_single_pixel_is_an_empty_page(rapidocr: RapidOcrEngine) -> None:
    for shade in (0, 255):
        answer = read(rapidocr, np.full((1, 1, 3), shade, np.uint8))
        assert (answer.text, answer.lines, answer.confidence, answer.rotation) == ("", (), None, 0)


def test_a_strip_forty_times_as_high_as_wide_is_read_to_its_end(rapidocr: RapidOcrEngine) -> None:
    strip = np.concatenate([printed(f"Item {n:03d}", width=140, height=70, size=26) for n in range(80)])
    assert strip.shape == (5600, 140, 3)
    assert read(rapidocr, strip).text.split("\n") == [f"Item {n:03d}" for n in range(80)]


@pytest.mark.parametrize(
    ("raised", "answered"), [(MemoryError(), EngineOutOfMemory), (ValueError("no such kernel"), EngineFailed)]
)
def test_what_a_page_died_of_is_told(
    rapidocr: RapidOcrEngine, monkeypatch: pytest.MonkeyPatch, raised: Exception, answered: type[Exception]
) -> None:
    def find(detector: Detector, pages: Sequence[Pixels]) -> Iterator[list[Corners]]:
        raise raised

    monkeypatch.setattr(Detector, "find", find)
    (answer,) = rapidocr.recognize([page(1, blank(40, 40))])
    assert type(answer) is answered
    assert str(raised) in answer.detail


# ---------------------------------------------------------------- real documents


def words(text: str) -> Counter[str]:
    return Counter(word for part in text.split() if (word := re.sub(r"\W", "", part.casefold())))


def share_found(truth: str, text: str) -> float:
    wanted = words(truth)
    return sum((wanted & words(text)).values()) / sum(wanted.values())


def rendered(path: Path, number: int = 1) -> Pixels:
    document = open_document(path, None)
    try:
        return document.render(number, 150, 50).pixels.copy()  # the memory is the renderer's
    finally:
        document.close()


@pytest.mark.samples
def test_a_dense_scan_is_read(rapidocr: RapidOcrEngine, real_samples: Path) -> None:
    answer = read(rapidocr, rendered(real_samples / "linn.pdf"))
    assert share_found((real_samples / "linn.txt").read_text(), answer.text) >= 0.95
    assert answer.text.startswith("The LinnSequencer\n32 Track MIDI Sequence Recorder\n")
    assert answer.rotation == 0


@pytest.mark.samples
@pytest.mark.parametrize(
    ("document", "number", "turn"), [("cardinal", 2, None), ("cardinal", 4, 90), ("rotated_skew", 1, None)]
)
def test_a_page_on_its_side_or_askew_is_read_as_well_as_upright(
    rapidocr: RapidOcrEngine, real_samples: Path, document: str, number: int, turn: int | None
) -> None:
    answer = read(rapidocr, rendered(real_samples / f"{document}.pdf", number))
    assert share_found((real_samples / "linn.txt").read_text(), answer.text) >= 0.93
    assert turn in (None, answer.rotation)


@pytest.mark.samples
def test_a_page_reads_the_same_whichever_way_it_lies(rapidocr: RapidOcrEngine, real_samples: Path) -> None:
    upright = rendered(real_samples / "francais.pdf")
    turned = [page(turn, np.ascontiguousarray(np.rot90(upright, turn))) for turn in range(4)]
    truth, *others = [text_of(answer) for answer in rapidocr.recognize(turned)]
    assert len(truth.text) > 300
    assert [answer.rotation for answer in others] == [90, 180, 270]
    for answer in others:
        assert edit_distance(truth.text, answer.text) <= 0.02 * len(truth.text)


@pytest.mark.samples
def test_a_large_typescript_is_read(rapidocr: RapidOcrEngine, real_samples: Path) -> None:
    with Image.open(real_samples / "typewriter.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert "Linzensoep à la Waterman" in read(rapidocr, pixels).text
