"""The Renderer on every real sample document: what comes of each, and how much memory it takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from actors.render.protocol import OpenedDocument, RenderedPage, RenderRequest, TextPage
from actors.render.renderer import Renderer
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import SystemClock
from cluster.errors import DocumentDamaged, DocumentEncrypted, PasswordWrong
from tests.actors.render import documents
from tests.actors.render.conftest import itself

pytestmark = [pytest.mark.samples, pytest.mark.asyncio(loop_scope="module")]

MEGAPIXELS = 50
MOST_RESIDENT_MB = 1000
"""Of the rendering process: its replica's 1.5 GB less what the other process and published pixels take."""

LETTER = (1275, 1650)
A4 = (1241, 1754)


@dataclass(frozen=True)
class Expected:
    """pages: how many. size: pixels of the first page at 150 dpi. text: what its embedded text has where it is taken,
    None where the page is for OCR; reason: why, where it has embedded text."""

    pages: int
    size: tuple[int, int]
    text: str | None = None
    dpi: float = 150
    reason: str = ""


TABLE = {
    "2400dpi.pdf": Expected(1, (250, 179)),
    "3small.pdf": Expected(3, (417, 445)),
    "GeoTopo-komprimiert.pdf": Expected(117, A4, "Topologie"),
    "baiona_alpha.png": Expected(1, (640, 682)),
    "baiona_cmyk.jpg": Expected(1, (640, 682), dpi=200),
    "baiona_color.jpg": Expected(1, (640, 682)),
    "base64image.pdf": Expected(1, A4, reason="it covers"),
    "blank.pdf": Expected(1, LETTER, ""),
    "c02-22.pdf": Expected(1, (800, 981)),
    "cardinal.pdf": Expected(4, LETTER),
    "ccitt.pdf": Expected(1, LETTER),
    "cmyk-image.pdf": Expected(1, LETTER),
    "enormous.pdf": Expected(1, (4500, 4500)),
    "francais.pdf": Expected(1, (450, 450)),
    "google-doc-document.pdf": Expected(1, (1242, 1755), "Beautiful is better than ugly."),
    "graph_ocred.pdf": Expected(1, (1497, 625), reason="an earlier OCR of poor quality"),
    "grayscale-image.pdf": Expected(1, (507, 704)),
    "habibi.pdf": Expected(1, A4, "habibi"),
    "hugemono.pdf": Expected(1, (7064, 7064), dpi=60.5),
    "jbig2.pdf": Expected(1, LETTER),
    "linn.pdf": Expected(1, LETTER),
    "multicolumn.pdf": Expected(3, A4, "Two-Column Document"),
    "multipage.pdf": Expected(6, (800, 981)),
    "no_contents.pdf": Expected(1, (1500, 1500), ""),
    "pdflatex-4-pages.pdf": Expected(4, A4, "without a meaning"),
    "poster.pdf": Expected(1, (5000, 10000), dpi=20),
    "rotated_skew.pdf": Expected(1, LETTER),
    "skew.pdf": Expected(1, LETTER),
    "smile-lzw.tiff": Expected(1, (16, 16), dpi=300),
    "truetype_font_nomapping.pdf": Expected(1, LETTER, reason="embedded text rejected"),
    "typewriter.png": Expected(1, (4000, 2864)),
}
REFUSED = {"invalid.pdf", "libreoffice-writer-password.pdf"}


@pytest.fixture(scope="module")
def shelf() -> MemoryBlobStore:
    return MemoryBlobStore()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def renderer(shelf: MemoryBlobStore, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Renderer]:
    scratch = tmp_path_factory.mktemp("scratch")
    made = Renderer(shelf, lambda pixels: pixels, itself, SystemClock(), scratch=scratch, kept_references=1)
    yield made
    await made.close()


def most_resident_mb(renderer: Renderer) -> int:
    """The most memory that the rendering process ever had resident."""
    fields = Path(f"/proc/{renderer.child_pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in fields if line.startswith("VmHWM"))
    return int(peak) // 1024


async def test_the_table_is_complete(real_samples: Path) -> None:
    names = {path.name for path in real_samples.iterdir() if path.suffix not in (".txt", ".md")}
    assert names == TABLE.keys() | REFUSED


@pytest.mark.parametrize("name", TABLE)
async def test_every_page_comes_out(renderer: Renderer, shelf: MemoryBlobStore, real_samples: Path, name: str) -> None:
    expected = TABLE[name]
    await shelf.put(name, (real_samples / name).read_bytes())
    of = documents.document(name, job_id=name, max_pages=500)
    assert await renderer.open(of) == OpenedDocument(expected.pages)
    for number in range(1, min(expected.pages, 6) + 1):
        (page,) = await renderer.render([documents.request(of, number, dpi=150, max_megapixels=MEGAPIXELS)])
        assert isinstance(page, RenderedPage), f"page {number}"
        assert page.pixels.shape == (page.height, page.width, 3)
        assert page.width * page.height <= MEGAPIXELS * 1e6
        assert page.dpi == pytest.approx(page.width * 72 / page.page_width, abs=72 / page.page_width + 1e-6)
        assert (await shelf.read(of.prefix + page.image)).data.startswith(b"\x89PNG")
        if number == 1:
            assert (page.width, page.height) == expected.size
            assert page.dpi == pytest.approx(expected.dpi, abs=0.1)
            await check_own_text(renderer, documents.request(of, dpi=150, mode="auto"), expected)
    assert most_resident_mb(renderer) < MOST_RESIDENT_MB


async def check_own_text(renderer: Renderer, request: RenderRequest, expected: Expected) -> None:
    (page,) = await renderer.render([request])
    if expected.text is None:
        assert isinstance(page, RenderedPage)
        assert expected.reason in (page.reason or "")
        assert bool(expected.reason) == (page.reason is not None)
        return
    assert isinstance(page, TextPage), getattr(page, "reason", page)
    assert expected.text in page.read.text
    assert (page.width, page.height) == expected.size, "as its image would be"


async def test_a_damaged_document_is_told(renderer: Renderer, shelf: MemoryBlobStore, real_samples: Path) -> None:
    await shelf.put("invalid.pdf", (real_samples / "invalid.pdf").read_bytes())
    assert isinstance(await renderer.open(documents.document("invalid.pdf")), DocumentDamaged)


async def test_an_encrypted_document_opens_with_its_password_alone(
    renderer: Renderer, shelf: MemoryBlobStore, real_samples: Path
) -> None:
    name = "libreoffice-writer-password.pdf"
    await shelf.put(name, (real_samples / name).read_bytes())
    assert isinstance(await renderer.open(documents.document(name)), DocumentEncrypted)
    assert isinstance(await renderer.open(documents.document(name, password="other")), PasswordWrong)
    of = documents.document(name, password="openpassword")
    assert await renderer.open(of) == OpenedDocument(1)
    (page,) = await renderer.render([documents.request(of)])
    assert isinstance(page, RenderedPage)
    (page,) = await renderer.render([documents.request(of, mode="auto")])
    assert isinstance(page, TextPage)
    assert page.read.text.startswith("Lorem ipsum")
    assert page.image is not None, "later nobody has the password"


@pytest.mark.parametrize("name", ["blank.pdf", "no_contents.pdf"])
async def test_an_empty_page_is_white(
    renderer: Renderer, shelf: MemoryBlobStore, real_samples: Path, name: str
) -> None:
    await shelf.put(name, (real_samples / name).read_bytes())
    (page,) = await renderer.render([documents.request(documents.document(name))])
    assert isinstance(page, RenderedPage)
    assert int(page.pixels.min()) == 255


async def test_a_turned_page_shows_what_the_unturned_one_does(
    renderer: Renderer, shelf: MemoryBlobStore, real_samples: Path
) -> None:
    """rotated_skew.pdf is skew.pdf's page lying down, with the /Rotate that puts it up again."""
    pages = []
    for name in ("skew.pdf", "rotated_skew.pdf"):
        await shelf.put(name, (real_samples / name).read_bytes())
        (page,) = await renderer.render([documents.request(documents.document(name), dpi=72)])
        assert isinstance(page, RenderedPage)
        pages.append(page.pixels[..., 0].astype(float))
    rows = [pixels.mean(axis=1) for pixels in pages]
    assert float(abs(rows[0] - rows[1]).mean()) < 12
