"""Lines into blocks on a page as it lies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.content.arranging import PLAIN, in_plain_order, in_regions
from actors.content.region import Region
from actors.content.upright import upright_of
from cluster.page_text import BlockKind, PageText
from tests.actors.content.test_upright import HEIGHT, LINES, WIDTH, page, size

SHUFFLED = [2, 0, 1]


def shuffled(rotation: int, skew: float) -> PageText:
    read = page(rotation, skew)
    return replace(read, lines=tuple(read.lines[place] for place in SHUFFLED))


@pytest.mark.parametrize(("rotation", "skew"), [(0, 0.0), (90, 0.0), (270, 3.0)])
def test_regions_are_of_the_upright_page(rotation: int, skew: float) -> None:
    read = shuffled(rotation, skew)
    regions = [Region(BlockKind.HEADING, LINES[0]), Region(BlockKind.PARAGRAPH, (40, 95, 570, 740))]
    arranged = in_regions(read, regions, upright_of(read, *size(rotation)))
    assert arranged.blocks[0].kind is BlockKind.HEADING
    assert sorted(place for block in arranged.blocks for place in block.lines) == [0, 1, 2]
    assert arranged.text.split("\n")[0] == "line 0"
    assert arranged.lines == read.lines
    assert arranged.blocks[0].bbox == pytest.approx(read.lines[1].bbox)


@pytest.mark.parametrize("rotation", [0, 180, 270])
def test_plain_order_says_why(rotation: int) -> None:
    read = shuffled(rotation, 2.0)
    plain = in_plain_order(read, *size(rotation), "nobody was there")
    assert plain.text.split() == ["line", "0", "line", "1", "line", "2"]
    assert plain.layout == PLAIN
    assert plain.reason == "layout: nobody was there, lines in plain order"
    assert plain.lines == read.lines
    assert plain.markdown is not None


def test_an_earlier_reason_stays() -> None:
    read = replace(page(0, 0), reason="read at the second try")
    assert in_plain_order(read, WIDTH, HEIGHT, "x").reason == "read at the second try; layout: x, lines in plain order"
