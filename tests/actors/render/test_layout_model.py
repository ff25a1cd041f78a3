"""The layout model on real pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pymupdf
import pytest

from actors.content.region import Region
from actors.content.upright import upright_of
from actors.render.layout_model import KINDS, LayoutModel, load
from cluster.page_text import BlockKind, Box, Line
from tests.actors.render.read_pages import page_pixels, read_page


@pytest.fixture(scope="module")
def model() -> LayoutModel:
    return load()


def regions_of(model: LayoutModel, name: str) -> tuple[Region, ...]:
    read, pixels = read_page(name), page_pixels(name)
    height, width, _ = pixels.shape
    return model.regions(read.lines, pixels, upright_of(read, width, height))


def kind_at(regions: Sequence[Region], line: Line) -> BlockKind | None:
    x, y = (line.bbox[0] + line.bbox[2]) / 2, (line.bbox[1] + line.bbox[3]) / 2
    return next((r.kind for r in regions if r.bbox[0] <= x <= r.bbox[2] and r.bbox[1] <= y <= r.bbox[3]), None)


def test_headings_and_paragraphs_of_a_newspaper(model: LayoutModel) -> None:
    regions, read = regions_of(model, "columns"), read_page("columns")
    kinds = {line.text: kind_at(regions, line) for line in read.lines}
    assert None not in kinds.values()
    headings = ["Night trains return to the coast", "Library opens its map room", "Bees on the roof of the school"]
    assert [kinds[text] for text in headings] == [BlockKind.HEADING] * 3
    assert kinds["The railway has rebuilt eight carriages from 1987."] is BlockKind.PARAGRAPH
    gutter = 850
    assert not [
        r for r in regions if r.kind is BlockKind.PARAGRAPH and r.bbox[0] < gutter - 50 < gutter + 50 < r.bbox[2]
    ]


def test_a_table_has_a_grid(model: LayoutModel) -> None:
    tables = [region for region in regions_of(model, "form") if region.kind is BlockKind.TABLE]
    (goods,) = [table for table in tables if table.bbox[1] > 1000]
    assert goods.grid is not None
    rows, columns = goods.grid
    assert (len(rows), len(columns)) == (6, 5)
    assert list(rows) == sorted(rows)
    assert list(columns) == sorted(columns)
    assert (columns[0], rows[0], columns[-1], rows[-1]) == pytest.approx(goods.bbox)


def test_a_page_that_lies_on_its_side_has_the_regions_of_the_upright_one(model: LayoutModel) -> None:
    read, pixels = read_page("columns"), page_pixels("columns")
    height, width, _ = pixels.shape
    lying = np.ascontiguousarray(np.rot90(pixels))  # a quarter turn counter-clockwise: 90 clockwise make it upright
    lines = tuple(Line(line.text, turned_back(line.bbox, width), 1.0) for line in read.lines)
    upright = upright_of(replace(read, lines=lines, rotation=90), height, width)
    found = model.regions(upright.lines(lines), lying, upright)
    expected = regions_of(model, "columns")
    assert len(found) == len(expected)
    assert sorted(region.kind for region in found) == sorted(region.kind for region in expected)


def turned_back(box: Box, width: float) -> Box:
    x0, y0, x1, y1 = box
    return y0, width - x1, y1, width - x0


def test_regions_of_a_page_of_a_pdf_are_those_of_the_page_as_displayed(model: LayoutModel) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=500, height=700)
        page.insert_text((60, 80), "A heading", fontname="hebo", fontsize=20)
        for row in range(12):
            page.insert_text((60, 120 + 14 * row), "A line of text in a paragraph that goes on and on.", fontsize=11)
        upright = model.regions_of_pdf_page(page)
        page.set_rotation(90)
        turned = model.regions_of_pdf_page(page)
        assert page.rotation == 90  # the document is as it was
    assert upright
    boxes = sorted((region.bbox for region in upright), key=lambda box: box[1])
    assert boxes[0] == pytest.approx((60, 63, 155, 85), abs=8)
    displayed = [(700 - y1, x0, 700 - y0, x1) for x0, y0, x1, y1 in boxes]
    covered = sorted((region.bbox for region in turned), key=lambda box: -box[2])
    assert covered[0][2] == pytest.approx(displayed[0][2], abs=8)
    assert covered[-1][0] == pytest.approx(displayed[-1][0], abs=8)


def test_a_page_without_text_has_no_regions(model: LayoutModel) -> None:
    white = np.full((100, 80, 3), 255, np.uint8)
    assert model.regions((), white, upright_of(read_page("columns"), 80, 100)) == ()


@pytest.mark.parametrize(
    "lines",
    [
        (Line("one line alone", (10, 10, 70, 20), 1.0),),
        (Line("off the page", (500, 500, 700, 520), 1.0), Line("and before it", (-90, -30, -10, -20), 1.0)),
        (Line("flat", (10, 50, 10, 50), 1.0), Line("turned over", (60, 40, 20, 30), 1.0)),
        tuple(Line("7", (i % 79, i % 97, i % 79 + 2, i % 97 + 2), 0.5) for i in range(60)),
    ],
    ids=["one", "outside", "no size", "many"],
)
def test_odd_lines_do_no_harm(model: LayoutModel, lines: tuple[Line, ...]) -> None:
    white = np.full((100, 80, 3), 255, np.uint8)
    for region in model.regions(lines, white, upright_of(read_page("columns"), 80, 100)):
        assert region.bbox[0] <= region.bbox[2]
        assert region.bbox[1] <= region.bbox[3]


def test_every_class_of_the_model_is_a_kind_of_block() -> None:
    (config,) = Path(pymupdf.__file__).parent.glob("layout/resources/onnx/layout_rf*+imf*.yaml")
    listed = config.read_text("utf-8").partition("class_list:\n")[2].partition("class_priority")[0]
    assert {line.strip(" -") for line in listed.splitlines() if line.strip()} == set(KINDS)


def test_loading_leaves_no_trace_in_the_runtime() -> None:
    before = onnxruntime.SessionOptions, onnxruntime.InferenceSession
    load()
    assert (onnxruntime.SessionOptions, onnxruntime.InferenceSession) == before
