"""The rendering process's own work, in this process."""

from __future__ import annotations

from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest
from PIL import Image

from actors.render.child import OpenDocuments, carry_out
from actors.render.document import Document
from actors.render.embedded_text import Verdict
from actors.render.order import LayerOrder, LayersAdded, PageDrawn, PageLayer, RenderOrder
from actors.render.page_size import PageSize
from actors.render.pixel_passing import receive_pixels
from actors.render.raster import Raster
from cluster.errors import PageError, RenderFailed
from tests.actors.render import documents


class BrokenText:
    """A document whose page can be drawn, and whose text can't be looked at."""

    total_pages = 1

    def render(self, page: int, dpi: int, max_megapixels: float) -> Raster:
        return Raster(np.full((20, 10, 3), 255, np.uint8), 10, 20, 72)

    def size(self, page: int, dpi: int, max_megapixels: float) -> PageSize:
        return PageSize(10, 20, 10, 20)

    def embedded(self, page: int, *, forced: bool) -> Verdict:
        raise ValueError("the font is broken")

    def close(self) -> None:
        """Nothing to close."""


class Shelf(OpenDocuments):
    def get(self, path: str, password: str | None) -> BrokenText:
        return BrokenText()


def answer_to(mode: str) -> Any:
    ours, theirs = Pipe()
    with ours, theirs:
        carry_out(RenderOrder("x.pdf", 1, 72, 50, mode=mode), Shelf(), theirs)
        answer = ours.recv()
        if isinstance(answer, PageDrawn):
            assert receive_pixels(ours, answer.height, answer.width).shape == (20, 10, 3)
            assert ours.recv_bytes().startswith(b"\x89PNG")
        return answer


def test_a_page_whose_text_can_t_be_looked_at_is_for_ocr() -> None:
    answer = answer_to("auto")
    assert isinstance(answer, PageDrawn)
    assert (answer.read, answer.reason) == (None, "embedded text rejected: it can't be read (ValueError)")
    assert answer_to("ocr").reason is None


def test_where_text_alone_is_asked_for_it_fails() -> None:
    answer: PageError = answer_to("text")
    assert isinstance(answer, RenderFailed)
    assert "broken" not in answer.detail


@pytest.mark.parametrize("keys", [("ToUnicode",), ("ToUnicode", "Encoding")])
def test_a_font_that_was_robbed_of_its_letters_gives_good_text_or_none(keys: tuple[str, ...], tmp_path: Any) -> None:
    import pymupdf

    from actors.render.pdf_document import PdfDocument

    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_htmlbox((50, 50, 500, 300), "<p>The words of this page are drawn as they should be.</p>" * 5)
        for font in page.get_fonts():
            for key in keys:
                document.xref_set_key(font[0], key, "null")
        document.save(tmp_path / "robbed.pdf")
    verdict = PdfDocument(tmp_path / "robbed.pdf", None).embedded(1, forced=False)
    if verdict.read is not None:
        assert "The words of this page are drawn" in verdict.read.text
    else:
        assert "embedded text rejected" in (verdict.reason or "")


class CountingShelf(OpenDocuments):
    opened = 0

    def reopened(self, path: str, password: str | None) -> Document:
        self.opened += 1
        return super().reopened(path, password)


def test_a_long_tiff_is_not_opened_for_each_page_of_its_searchable_copy(tmp_path: Path) -> None:
    """Its pages are counted by reading it all."""
    frames = [Image.new("L", (60, 90), shade) for shade in range(4)]
    (tmp_path / "raw").write_bytes(documents.image("tiff", frames[0], save_all=True, append_images=frames[1:]))
    shelf, copy = CountingShelf(), tmp_path / "copy.pdf"
    blank = [PageLayer(page, 0, 0, 0, ()) for page in range(1, 5)]
    order = LayerOrder(str(tmp_path / "raw"), str(copy), True, tuple(blank[:2]), 72, begin=True)
    ours, theirs = Pipe()
    with ours, theirs:
        for each in (order, replace(order, begin=False, pages=tuple(blank[2:]))):
            carry_out(each, shelf, theirs)
            assert isinstance(ours.recv(), LayersAdded)
    assert shelf.opened == 1
    with pymupdf.open(copy) as made:
        assert [page.get_pixmap().samples[0] for page in made] == [0, 1, 2, 3]
