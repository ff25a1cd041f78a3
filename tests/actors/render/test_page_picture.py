"""Pictures as pages of a searchable PDF."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image, ImageOps

from cluster.blobs.memory import MemoryBlobStore
from tests.actors.render import documents
from tests.actors.render.pdf_desk import Desk, NoProcess, line, result, same_words
from tests.actors.render.pdf_readers import (
    page_sizes,
    pdfium_pixels,
    pdfium_text,
    pdfium_words,
)


@pytest.fixture
def desk(store: MemoryBlobStore, tmp_path: Path) -> Desk:
    return Desk(store, NoProcess(store, tmp_path))


def picture(mode: str = "RGB", size: tuple[int, int] = (90, 60)) -> Image.Image:
    """No two quarters alike."""
    image = Image.new(mode, size, "white")
    image.paste("black", (0, 0, size[0] // 2, size[1] // 2))
    if mode != "1":
        image.paste("gray", (0, size[1] // 2, size[0] // 2, size[1]))
    return image


IMAGE_LINE = (line("seen in a picture", 5, 10, 60, 10),)


async def test_a_jpeg_is_embedded_as_it_is(desk: Desk) -> None:
    original = documents.image("jpeg", picture(), dpi=(72, 72))
    made = await desk.pdf(original, [result(1, IMAGE_LINE, 90, 60)], kind="jpeg")
    assert original in made
    assert page_sizes(made) == [(90, 60)]
    assert same_words(pdfium_words(made), IMAGE_LINE)


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P"])
@pytest.mark.parametrize("kind", ["png", "bmp", "tiff"])
async def test_other_pictures_lose_nothing(desk: Desk, kind: str, mode: str) -> None:
    image = picture(mode) if mode != "P" else picture("RGB").convert("P")
    original = documents.image(kind, image, dpi=(72, 72))
    made = await desk.pdf(original, [result(1, IMAGE_LINE, 90, 60)], kind=kind)
    ((xref, *_),) = pymupdf.open(stream=made, filetype="pdf")[0].get_images()
    stored = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.Pixmap(pymupdf.open(stream=made, filetype="pdf"), xref))
    assert stored.samples == image.convert("RGB").tobytes()
    assert same_words(pdfium_words(made), IMAGE_LINE)


@pytest.mark.parametrize("orientation", range(1, 9))
async def test_pictures_are_turned_as_they_ask(desk: Desk, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    original = documents.image("png", picture(), dpi=(72, 72), exif=exif)
    sides = (90, 60) if orientation < 5 else (60, 90)
    made = await desk.pdf(original, [result(1, (), *sides)], kind="png")
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(original))).convert("RGB")
    unlike = np.abs(pdfium_pixels(made).astype(int) - np.asarray(turned)).max(axis=2) > 32
    assert unlike.mean() < 0.03  # where the quarters meet: PNG counts dots a metre, so pixels are not quite points


async def test_cmyk_keeps_its_colours(desk: Desk) -> None:
    original = documents.image("jpeg", Image.new("CMYK", (40, 40), (200, 30, 20, 10)), dpi=(72, 72))
    made = await desk.pdf(original, [result(1, (), 40, 40)], kind="jpeg")
    red, green, blue = pdfium_pixels(made)[20, 20]
    assert blue > green > red


async def test_every_frame_of_a_tiff_is_a_page(desk: Desk) -> None:
    """Frame 2 is cut short; only frame 3 was asked for."""
    frames = [picture("L", (90, 60)), picture("L", (60, 60)), picture("L", (60, 90))]
    original = documents.image("tiff", frames[0], save_all=True, append_images=frames[1:], dpi=(72, 72))
    made = await desk.pdf(original, [result(3, IMAGE_LINE, 60, 90)], kind="tiff", total_pages=6)
    assert page_sizes(made) == [(90, 60), (60, 60), (60, 90)] + [(612, 792)] * 3
    assert ["seen in a picture" in pdfium_text(made, page) for page in (1, 2, 3)] == [False, False, True]
    assert np.array_equal(pdfium_pixels(made, 2), np.asarray(frames[1].convert("RGB")))
