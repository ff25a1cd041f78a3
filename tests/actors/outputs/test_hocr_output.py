"""hOCR, read as XML, and looked at by the checker of the package hocr-spec."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.outputs.hocr_output import HocrOutput
from actors.outputs.page import OutputPage
from cluster.errors import FormatNotAvailable
from cluster.page_text import Line
from tests.actors.outputs.results import DOCUMENT, FAILED, output_page, result, without_boxes

XHTML = "{http://www.w3.org/1999/xhtml}"
Element = ElementTree.Element


def written(*pages: OutputPage) -> Element:
    writer = HocrOutput(DOCUMENT)
    return ElementTree.fromstring(b"".join([writer.begin(), *map(writer.page, pages), writer.end()]))


def of_class(root: Element, name: str) -> list[Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def facts(element: Element) -> dict[str, str]:
    """The properties in its title."""
    return {
        name: value for name, _, value in (part.strip().partition(" ") for part in element.get("title", "").split(";"))
    }


def words(root: Element) -> list[str]:
    return [word.text or "" for word in of_class(root, "ocrx_word")]


def test_pages_blocks_lines_and_words_lie_in_one_another() -> None:
    root = written(output_page(), FAILED, output_page(3))
    first, failed, third = of_class(root, "ocr_page")
    assert facts(first) == {
        "image": '"page_001.png"',
        "bbox": "0 0 600 800",
        "ppageno": "0",
        "scan_res": "144 144",
    }
    assert facts(failed) == {"bbox": "0 0 0 0", "ppageno": "1"}
    assert list(failed) == []
    assert [area.get("class") for area in of_class(first, "ocr_carea")] == [
        "ocr_carea gnosis_page_header",
        "ocr_carea gnosis_paragraph",
        "ocr_carea gnosis_table",
        "ocr_carea gnosis_figure",
    ]
    assert words(third) == ["A", "running", "header", "An", "exam-", "ple", "of", "<words>", "&", "signs", "cell"]
    assert root.find(f"{XHTML}head/{XHTML}title").text == "letter & more.pdf"  # type: ignore[union-attr]
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(set(ids)) == len(ids)


def test_boxes_are_pixels_and_lie_in_those_around_them() -> None:
    (page,) = of_class(written(output_page()), "ocr_page")
    line = of_class(page, "ocr_line")[2]
    assert facts(line)["bbox"] == "100 128 500 152"
    assert facts(line)["baseline"] == "0.0000 -4.8"
    boxes = [[int(value) for value in facts(word)["bbox"].split()] for word in of_class(line, "ocrx_word")]
    assert boxes[0][0] == 100
    assert boxes[-1][2] == 500
    assert all(before[2] <= after[0] for before, after in pairwise(boxes))
    assert facts(of_class(page, "ocrx_word")[-1])["x_wconf"] == "50"


@pytest.mark.parametrize(("rotation", "angle"), [(90, "90.0"), (180, "180.0"), (270, "270.0")])
def test_turned_lines_have_an_angle(rotation: int, angle: str) -> None:
    """Counted counterclockwise: lines of a page that is to be turned clockwise run upwards."""
    lines = [Line("word", (10, 20, 30, 120) if rotation != 180 else (10, 20, 110, 40), 1)]
    (line,) = of_class(written(output_page(lines=lines, blocks=(), rotation=rotation)), "ocr_line")
    assert facts(line)["textangle"] == angle
    assert "baseline" not in facts(line)


def test_a_slope_is_told_with_the_baseline() -> None:
    """A line 100 long and 20 high that falls by 10; its box reaches from 20 to 50."""
    lines = [Line("word", (10, 20, 110, 50), 1, (10, 20, 110, 30, 110, 50, 10, 40))]
    (line,) = of_class(written(output_page(lines=lines, blocks=())), "ocr_line")
    slope, offset = (float(value) for value in facts(line)["baseline"].split())
    assert slope == pytest.approx(0.1)
    # Half of the box's height below the line's own lower left corner, and a fifth of a line above: in pixels.
    assert offset == pytest.approx(2 * (20 + 16 - 50))


def test_pages_without_an_image_name_none() -> None:
    bare = replace(result(), image=None, image_width=0, image_height=0)
    (page,) = of_class(written(OutputPage(1, bare)), "ocr_page")
    assert facts(page)["bbox"] == "0 0 625 833"
    assert "image" not in facts(page)


def test_pages_without_boxes_make_it_unavailable() -> None:
    with pytest.raises(FormatNotAvailable, match=r"`hocr` .*: page 2"):
        written(output_page(), without_boxes(2))


def test_the_checker_finds_nothing_wrong(tmp_path: Path) -> None:
    """In a process of its own, since it is of an age in which it warns of itself."""
    writer = HocrOutput(DOCUMENT)
    turned = output_page(3, lines=[Line("up words", (10, 20, 30, 120), 0.5)], blocks=(), rotation=90)
    pages = (output_page(), FAILED, turned, without_boxes(4, text="", markdown=None))
    file = tmp_path / "result.hocr"
    file.write_bytes(b"".join([writer.begin(), *map(writer.page, pages), writer.end()]))
    command = (
        sys.executable,
        "-W",
        "ignore",
        "-c",
        "from hocr_spec.cli import main; main()",
        "--parse-strict",
        str(file),
    )
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Document is valid" in checked.stdout + checked.stderr
    assert "ERROR" not in checked.stdout + checked.stderr


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet=st.characters(categories=None), max_size=20))
def test_any_text_makes_sound_xml(text: str) -> None:
    shown = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
    assert "".join(words(written(output_page(lines=(Line(text, (0, 0, 1, 1), 1),), blocks=())))) == "".join(
        shown.split()
    )
