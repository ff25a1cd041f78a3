from __future__ import annotations

import shutil
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from benchmarks import quality_readers
from benchmarks.drawn_paper import Paper, raster
from benchmarks.quality_documents import page_image
from benchmarks.quality_readers import PageImage, Reader, Reading


class Counting:
    """Reads every page as its size, and counts the pages."""

    def __init__(self) -> None:
        self.pages = 0

    def read(self, page: PageImage) -> Reading:
        self.pages += 1
        return Reading(f"{len(page.png)} bytes", True, 1.5)


@pytest.fixture
def page() -> PageImage:
    paper = Paper(300, 200)
    paper.line(40, 100, "The ferry leaves at noon", 18)
    return page_image(raster(paper.document(), 150), 150)


def test_a_page_is_as_large_in_its_pdf_as_it_was_drawn(page: PageImage) -> None:
    with pymupdf.open("pdf", page.as_pdf()) as document:
        assert document.page_count == 1
        assert tuple(round(value) for value in document[0].rect) == (0, 0, 300, 200)
        assert document[0].get_text() == ""


def test_what_a_rival_read_is_kept_until_it_is_to_be_read_anew(page: PageImage, tmp_path: Path) -> None:
    counting = Counting()
    reader = Reader("rival", counting.read)
    keeping = quality_readers._keeping(reader, "1.0", tmp_path, fresh=False)
    assert keeping.read(page) == keeping.read(page) == Reading(f"{len(page.png)} bytes", True, 1.5)
    assert counting.pages == 1
    quality_readers._keeping(reader, "1.0", tmp_path, fresh=True).read(page)
    assert counting.pages == 2
    quality_readers._keeping(reader, "1.1", tmp_path, fresh=False).read(page)
    keeping.read(page_image(Image.new("L", (20, 20), 255), 150))
    assert counting.pages == 4


def test_without_tesseract_its_column_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert quality_readers.tesseract() == (None, "")
    assert "apt-get install tesseract-ocr" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_tesseract_reads_a_page(page: PageImage) -> None:
    reader, version = quality_readers.tesseract()
    assert reader is not None
    assert reader.read(page).text.strip() == "The ferry leaves at noon"
    assert not reader.read(page).markdown
    assert version.startswith("tesseract-")
