"""PDF documents through MuPDF, in this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymupdf
import pytest

from actors.render.pdf_document import PdfDocument
from cluster.errors import DocumentDamaged, DocumentEncrypted, PasswordWrong
from cluster.page_text import PageText
from tests.actors.render import documents


def written(folder: Path, data: bytes) -> Path:
    path = folder / "document.pdf"
    path.write_bytes(data)
    return path


def taken(document: PdfDocument, page: int = 1) -> PageText:
    """The embedded text as it is."""
    read = document.embedded(page, forced=True).read
    assert read is not None
    return read


def ink(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """The box around everything dark, in pixels."""
    rows, columns = np.where(pixels[..., 0] < 128)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_a_page_is_drawn_at_the_asked_dpi(tmp_path: Path) -> None:
    raster = PdfDocument(written(tmp_path, documents.pdf()), None).render(1, 144, 50)
    assert raster.pixels.shape == (1200, 800, 3)
    assert raster.pixels.dtype == np.uint8
    assert (raster.page_width, raster.page_height, raster.dpi) == (400, 600, 144)
    assert raster.pixels.max() == 255
    assert raster.pixels.min() < 60


def test_a_page_past_the_limit_is_scaled_down_and_says_its_dpi(tmp_path: Path) -> None:
    raster = PdfDocument(written(tmp_path, documents.pdf()), None).render(1, 144, 0.24)
    height, width, _ = raster.pixels.shape
    assert 0.235e6 < height * width <= 0.24e6
    assert raster.dpi == pytest.approx(72, abs=0.6)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_lies_where_the_turned_page_shows_it(tmp_path: Path, rotation: int) -> None:
    document = PdfDocument(written(tmp_path, documents.pdf(rotation=rotation)), None)
    raster = document.render(1, 72, 50)
    assert raster.pixels.shape == ((600, 400, 3) if rotation % 180 == 0 else (400, 600, 3))
    text = taken(document)
    assert text.text == "This is page 1"
    assert (text.source, text.engine, text.engine_version) == ("embedded", "pymupdf", pymupdf.VersionBind)
    (line,) = text.lines
    x0, y0, x1, y1 = line.bbox
    left, top, right, bottom = ink(raster.pixels)
    assert x0 - 1 <= left < right <= x1 + 1
    assert y0 - 1 <= top < bottom <= y1 + 1
    assert right - left > 0.5 * (x1 - x0)


def test_text_lies_right_on_a_cropped_page(tmp_path: Path) -> None:
    with pymupdf.open(stream=documents.pdf()) as source:
        source[0].set_cropbox(pymupdf.Rect(30, 20, 330, 420))
        data = source.tobytes()
    document = PdfDocument(written(tmp_path, data), None)
    raster, text = document.render(1, 72, 50), taken(document)
    assert (raster.page_width, raster.page_height) == (300, 400)
    left, top, _, _ = ink(raster.pixels)
    assert text.lines[0].bbox[0] == pytest.approx(left, abs=3)
    assert text.lines[0].bbox[1] - 1 <= top < text.lines[0].bbox[3]


def test_paragraphs_are_told_apart(tmp_path: Path) -> None:
    with pymupdf.open() as source:
        page = source.new_page()
        page.insert_text((50, 60), "one\ntwo")
        page.insert_text((50, 400), "three")
        data = source.tobytes()
    text = taken(PdfDocument(written(tmp_path, data), None))
    assert text.text == "one\ntwo\n\nthree"
    assert [line.text for line in text.lines] == ["one", "two", "three"]


def test_a_page_without_text_has_none(tmp_path: Path) -> None:
    with pymupdf.open() as source:
        source.new_page()
        data = source.tobytes()
    document = PdfDocument(written(tmp_path, data), None)
    assert taken(document).text == ""
    assert taken(document).reason == "the page has no embedded text"
    blank = document.embedded(1, forced=False).read
    assert blank is not None, "there is nothing to read by OCR either"
    assert (blank.text, blank.source, blank.reason) == ("", "embedded", "the page is blank")
    assert document.render(1, 72, 50).pixels.min() == 255


@pytest.mark.parametrize(("dpi", "most"), [(72, 50.0), (150, 50.0), (151, 50.0), (200, 0.3), (72, 0.001)])
@pytest.mark.parametrize(("width", "height"), [(400, 600), (595.276, 841.89), (612.5, 33.3)])
def test_the_size_of_an_image_is_known_without_drawing_it(
    tmp_path: Path, width: float, height: float, dpi: int, most: float
) -> None:
    document = PdfDocument(written(tmp_path, documents.pdf(width=width, height=height, rotation=90)), None)
    raster, size = document.render(1, dpi, most), document.size(1, dpi, most)
    assert (size.height, size.width) == raster.pixels.shape[:2]
    assert (size.page_width, size.page_height) == (raster.page_width, raster.page_height)


def test_passwords(tmp_path: Path) -> None:
    path = written(tmp_path, documents.encrypted_pdf("sesame"))
    with pytest.raises(DocumentEncrypted):
        PdfDocument(path, None)
    with pytest.raises(PasswordWrong):
        PdfDocument(path, "simsalabim")
    document = PdfDocument(path, "sesame")
    assert document.total_pages == 1
    text = taken(document)
    assert text.text == "This is page 1"


def test_a_document_without_pages_is_damaged(tmp_path: Path) -> None:
    empty = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\n%%EOF"
    )
    with pytest.raises(DocumentDamaged):
        PdfDocument(written(tmp_path, empty), None)


def test_a_document_whose_index_is_lost_is_mended(tmp_path: Path) -> None:
    data = documents.pdf(3)
    path = written(tmp_path, data[: data.rindex(b"xref")])
    assert PdfDocument(path, None).total_pages == 3
