"""The rendering process's own work, in this process."""

from __future__ import annotations

from multiprocessing import Pipe
from typing import Any

import numpy as np
import pytest

from actors.render.child import OpenDocuments, carry_out
from actors.render.embedded_text import Verdict
from actors.render.order import PageDrawn, RenderOrder
from actors.render.page_size import PageSize
from actors.render.pixel_passing import receive_pixels
from actors.render.raster import Raster
from cluster.errors import PageError, RenderFailed


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
