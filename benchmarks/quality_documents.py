"""Pages whose text is known: scans with their true text beside them, and born-digital pages, which carry it.

The true text of a born-digital page is its embedded text in the order of the file, which is that of reading in all
documents named here (docs/quality.md says how that was checked). What stands in the margin above or below its body is
running: headers, footers and page numbers, which are not judged.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymupdf
from PIL import Image

from benchmarks.drawn_paper import Paper, Style, raster
from benchmarks.drawn_tables import draw_table, random_grid
from benchmarks.markdown_tables import Grid
from benchmarks.quality_readers import PageImage
from benchmarks.random_prose import Prose
from benchmarks.running_cluster import REPOSITORY
from benchmarks.worn_pages import WEAR, Wear, as_it_is

SAMPLES = REPOSITORY.parent / "shared" / "samples"
OWN = REPOSITORY / "samples"
DPIS = (150, 200)
TABLE_DPI = 200


@dataclass(frozen=True, slots=True)
class Document:
    """pages: counted from 1. worn: those of which worn variants are made.

    truth: file with the true text of each page; None where the document carries it. mended: what is wrong in that text,
    and what stands on the page. top, bottom: where the body begins and ends, as shares of the page's height. running:
    lines that are not judged, where ``truth`` names them.
    """

    name: str
    file: Path
    pages: tuple[int, ...]
    worn: tuple[int, ...] = ()
    truth: Path | None = None
    mended: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    top: float = 0.0
    bottom: float = 1.0
    running: tuple[str, ...] = ()
    dpis: tuple[int, ...] = DPIS


LINN = SAMPLES / "linn.txt"
LINN_MENDED = (
    ("within a sequence,\n\nAdditional Features\n", "within a sequence,\n"),
    ("for a demonstration!\n", "for a demonstration!\n\nAdditional Features\n"),
    ("adjusted 0r defeated", "adjusted or defeated"),
    ("the ﬁrst‘track", "the first track"),
    ("INSERT/ COPY", "INSERT/COPY"),
    ("FOOTSWIT CH", "FOOTSWITCH"),
    ("PLAY/ STOP", "PLAY/STOP"),
    ("synthesizers !", "synthesizers!"),
    ("8 MHZ", "8 MHz"),
    ("EDI]\n", "Linn\n"),
)
"""Compared with the page by eye: the text is that of an earlier OCR, corrected by its makers but not wholly."""
GOOGLE_MENDED = (("3 2020 estimate\n\n2 2020 estimate\n\n1 2021", "1 2021 estimate\n\n2 2020 estimate\n\n3 2020"),)
"""Its footnotes stand in the file from the last to the first."""

DOCUMENTS = (
    Document("linn", SAMPLES / "linn.pdf", (1,), (1,), LINN, LINN_MENDED),
    Document("cardinal", SAMPLES / "cardinal.pdf", (2, 3, 4), (), LINN, LINN_MENDED, dpis=(150,)),
    Document("multicolumn", SAMPLES / "multicolumn.pdf", (1, 2, 3), (1,), bottom=0.815),
    Document("pdflatex", SAMPLES / "pdflatex-4-pages.pdf", (1, 2, 3, 4), (1,), bottom=0.845),
    Document("google-doc", SAMPLES / "google-doc-document.pdf", (1,), (1,), mended=GOOGLE_MENDED),
    Document(
        "GeoTopo", SAMPLES / "GeoTopo-komprimiert.pdf", tuple(range(3, 118, 6)), (9, 45, 81), language="de", top=0.05
    ),
    Document("letter", OWN / "letter.pdf", (1,), (1,), OWN / "letter.txt"),
    Document("columns", OWN / "columns.pdf", (1,), (1,), OWN / "columns.txt"),
    Document("form", OWN / "form.pdf", (1,), (1,), OWN / "form.txt"),
)


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """variant: how the page was worn; ``clean`` where it was not. running: lines that are not judged."""

    document: str
    page: int
    variant: str
    image: PageImage
    truth: str
    running: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.document}-{self.page}-{self.variant}-{self.image.dpi}"


@dataclass(frozen=True, slots=True)
class TablePage:
    label: str
    name: str
    image: PageImage
    grid: Grid


def known_documents(names: Sequence[str] = ()) -> list[Document]:
    """Those that are here, of the names where any are given."""
    return [one for one in DOCUMENTS if one.file.is_file() and (not names or one.name in names)]


def clean_pages(document: Document, dpi: int, pages: Sequence[int]) -> Iterator[JudgedPage]:
    yield from _pages(document, dpi, pages, "clean", as_it_is)


def worn_pages(document: Document, dpi: int, variant: str) -> Iterator[JudgedPage]:
    yield from _pages(document, dpi, document.worn, variant, WEAR[variant])


def table_pages(each: int) -> Iterator[TablePage]:
    """Tables of eight rows and five columns on a page of their own, with rules and without."""
    for ruled in (True, False):
        for seed in range(each):
            prose, paper = Prose(random.Random(f"table {ruled} {seed}")), Paper()
            grid = random_grid(prose, 8, 5)
            paper.flow(f"<p>{' '.join(prose.sentences(3))}</p>", [(60, 70, 535, 150)], Style("serif", 10.5))
            draw_table(paper, grid, 60, 190, (135, 85, 85, 85, 85), ruled=ruled)
            image = page_image(raster(paper.document(), TABLE_DPI), TABLE_DPI)
            name = "ruled 8×5" if ruled else "bare 8×5"
            yield TablePage(f"table {name} {seed}", name, image, grid)


def page_image(image: Image.Image, dpi: int, language: str = "en") -> PageImage:
    stored = io.BytesIO()
    image.save(stored, "PNG", dpi=(dpi, dpi), compress_level=3)
    return PageImage(stored.getvalue(), dpi, language)


def _pages(document: Document, dpi: int, pages: Sequence[int], variant: str, wear: Wear) -> Iterator[JudgedPage]:
    with pymupdf.open(document.file) as opened:
        for number in pages:
            page = opened[number - 1]
            pixels = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, alpha=False)
            image = wear(Image.frombytes("L", (pixels.width, pixels.height), pixels.samples), number)
            truth, running = _truth(document, page)
            yield JudgedPage(document.name, number, variant, page_image(image, dpi, document.language), truth, running)


def _truth(document: Document, page: pymupdf.Page) -> tuple[str, tuple[str, ...]]:
    """The body's text, and the lines beside it. ValueError: what is to be mended is not there."""
    if document.truth is None:
        text, running = _embedded(document, page)
    else:
        lines = document.truth.read_text("utf-8").splitlines()
        text, running = "\n".join(line for line in lines if line not in document.running), document.running
    for wrong, right in document.mended:
        if wrong not in text:
            raise ValueError(f"{document.name}: {wrong!r} is not in its text")
        text = text.replace(wrong, right)
    return text, running


def _embedded(document: Document, page: pymupdf.Page) -> tuple[str, tuple[str, ...]]:
    body: list[str] = []
    running: list[str] = []
    height = page.rect.height
    for block in page.get_text("dict", flags=pymupdf.TEXTFLAGS_TEXT)["blocks"]:
        for line in block["lines"]:
            middle = (line["bbox"][1] + line["bbox"][3]) / 2 / height
            text = "".join(span["text"] for span in line["spans"])
            (body if document.top <= middle <= document.bottom else running).append(text)
        body.append("")
    return "\n".join(body), tuple(running)
