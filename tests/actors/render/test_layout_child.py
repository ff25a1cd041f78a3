"""What a layout process answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.ocr.engine import Pixels
from actors.render.layout_child import MOST_LINES, answer_to
from actors.render.layout_model import NAME, LayoutModel
from actors.render.order import ArrangeOrder, EmbeddedOrder, OutOfMemory
from cluster.errors import LayoutFailed
from cluster.page_text import BlockKind, Line, PageText
from tests.actors.render import documents
from tests.actors.render.read_pages import page_image

WHITE: Pixels = np.full((100, 80, 3), 255, np.uint8)
LINES = (Line("Title", (10, 10, 70, 30), 1.0), Line("Words of a page", (10, 50, 70, 60), 1.0))


def model(answer: Sequence[dict[str, Any]] | Exception) -> LayoutModel:
    """A model that gives these groups, in points, or raises."""

    def predict(page: object, **_: object) -> list[dict[str, Any]]:
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    return LayoutModel(predict)


def order(lines: Sequence[Line] = LINES, png: bytes | None = None) -> ArrangeOrder:
    return ArrangeOrder(PageText("", tuple(lines)), 80, 100, png)


def test_the_models_classes_become_blocks() -> None:
    """The page is 100 pixels high and 800 points."""
    groups = [
        {"class_name": "title", "group_bbox": [70.0, 70.0, 570.0, 250.0]},
        {"class_name": "text", "group_bbox": [70.0, 390.0, 570.0, 490.0]},
    ]
    answer = answer_to(order(), WHITE, model(groups))
    assert isinstance(answer, PageText)
    assert [(block.kind, block.text) for block in answer.blocks] == [
        (BlockKind.TITLE, "Title"),
        (BlockKind.PARAGRAPH, "Words of a page"),
    ]
    assert answer.layout == NAME
    assert answer.reason is None


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (ValueError("a path of ours"), "the layout model failed (ValueError)"),
        (IndexError(), "the layout model failed (IndexError)"),
    ],
)
def test_what_the_model_raises_is_an_answer_without_its_words(fault: Exception, expected: str) -> None:
    answer = answer_to(order(), WHITE, model(fault))
    assert isinstance(answer, LayoutFailed)
    assert answer.detail == expected


@pytest.mark.parametrize(
    "groups",
    [
        [{"class_name": "new in this version", "group_bbox": [0, 0, 1, 1]}],
        [{"class_name": "text"}],
        [{"class_name": "text", "group_bbox": "nothing"}],
    ],
)
def test_an_answer_that_is_not_understood_is_a_failure(groups: list[dict[str, Any]]) -> None:
    assert isinstance(answer_to(order(), WHITE, model(groups)), LayoutFailed)


def test_no_memory_is_told_apart() -> None:
    assert isinstance(answer_to(order(), WHITE, model(MemoryError())), OutOfMemory)


def test_a_network_that_fails_has_its_process_replaced() -> None:
    """As for want of memory, which networks tell by a failure of any kind."""
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail

    assert isinstance(answer_to(order(), WHITE, model(Fail("bad allocation"))), OutOfMemory)


@pytest.mark.parametrize("rotation", [0, 90])
def test_embedded_text_is_arranged_with_its_own_page_before_the_model(tmp_path: Path, rotation: int) -> None:
    path = tmp_path / "1"
    path.write_bytes(documents.pdf(2, rotation=rotation))
    seen: list[tuple[str, int]] = []

    def predict(page: Any, **_: object) -> list[dict[str, Any]]:
        seen.append((page.get_text().strip(), page.rotation))
        return [{"class_name": "title", "group_bbox": [0.0, 0.0, 600.0, 600.0]}]

    read = PageText("", (Line("This is page 2", (50, 40, 200, 60), 1.0),), source="embedded")
    answer = answer_to(EmbeddedOrder(str(path), 2, read, 600, 600), None, LayoutModel(predict))
    assert isinstance(answer, PageText)
    assert seen == [("This is page 2", 0)], "turned as it is displayed"
    assert (answer.markdown, answer.layout, answer.source) == ("# This is page 2", NAME, "embedded")
    gone = EmbeddedOrder(str(tmp_path / "2"), 2, read, 600, 600)
    assert isinstance(answer_to(gone, None, LayoutModel(predict)), LayoutFailed)


def test_too_many_lines_are_not_tried() -> None:
    assert isinstance(answer_to(order(LINES[:1] * (MOST_LINES + 1)), WHITE, model([])), LayoutFailed)


def test_without_pixels_the_png_is_taken_and_rubbish_is_a_failure() -> None:
    taken = answer_to(order(png=page_image("columns").read_bytes()), None, model([]))
    assert isinstance(taken, PageText)
    assert taken.text.split() == ["Title", "Words", "of", "a", "page"]
    assert isinstance(answer_to(order(png=b"no PNG"), None, model([])), LayoutFailed)
