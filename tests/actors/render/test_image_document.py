"""Images as documents."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from actors.render.image_document import ImageDocument
from actors.render.raster import Raster
from cluster.errors import PageTooLarge
from tests.actors.render import documents


def drawn(folder: Path, kind: str, picture: Image.Image, *, limit: float = 50, **saving: Any) -> Raster:
    """The picture, saved so, as its page at 150 dpi."""
    path = folder / "document"
    path.write_bytes(documents.image(kind, picture, **saving))
    return ImageDocument(path, kind).render(1, 150, limit)


def test_an_image_without_dpi_keeps_every_pixel(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "png", Image.new("RGB", (2000, 3000), "white"))
    assert raster.pixels.shape == (3000, 2000, 3)
    assert (raster.page_width, raster.page_height, raster.dpi) == (960, 1440, 150)


def test_an_image_of_more_dpi_than_asked_is_shrunk_to_it(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "png", Image.new("L", (2550, 3300), 255), dpi=(300, 300))
    assert raster.pixels.shape == (1650, 1275, 3)
    assert (raster.page_width, raster.page_height) == pytest.approx((612, 792), abs=0.5)
    assert raster.dpi == pytest.approx(150, abs=0.5)


def test_an_image_of_less_dpi_than_asked_is_not_enlarged(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "jpeg", Image.new("RGB", (400, 200), "white"), dpi=(100, 100))
    assert raster.pixels.shape == (200, 400, 3)
    assert (raster.page_width, raster.dpi) == (288, 100)


def test_no_image_is_shrunk_below_two_megapixels_for_its_dpi(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "png", Image.new("L", (1200, 1000), 255), dpi=(1200, 1200))
    assert raster.pixels.shape == (1000, 1200, 3)
    raster = drawn(tmp_path, "png", Image.new("L", (4000, 2000), 255), dpi=(1200, 1200))
    assert raster.pixels.shape == (1000, 2000, 3)


def test_unbelievable_dpi_are_ignored(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "png", Image.new("L", (300, 300), 255), dpi=(1, 1))
    assert raster.page_width == 144
    raster = drawn(tmp_path, "tiff", Image.new("L", (300, 300), 255), dpi=(72, 300))
    assert raster.page_width == 144


def test_a_fax_gets_square_pixels(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "tiff", Image.new("1", (1728, 1078), 1), dpi=(204, 98), compression="group4")
    height, width, _ = raster.pixels.shape
    assert width / height == pytest.approx((1728 / 204) / (1078 / 98), rel=0.01)
    assert (raster.page_width, raster.page_height) == pytest.approx((1728 / 204 * 72, 1078 / 98 * 72))


def test_the_limit_of_megapixels_holds(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "jpeg", Image.new("RGB", (4000, 2000), "white"), limit=2)
    height, width, _ = raster.pixels.shape
    assert 1.9e6 < height * width <= 2e6
    assert raster.page_width == pytest.approx(4000 * 72 / 150)
    assert raster.dpi == pytest.approx(75, rel=0.01)


def picture_of(mode: str) -> Image.Image:
    """Left half black, right half white, in ``mode``."""
    gray = np.zeros((40, 60), np.uint8)
    gray[:, 30:] = 255
    if mode == "I;16":
        return Image.fromarray(gray.astype(np.uint16) * 257)
    if mode == "F":
        return Image.fromarray(gray.astype(np.float32) / 255)
    if mode == "I":
        return Image.fromarray(gray.astype(np.int32) * 1000)
    return Image.fromarray(gray).convert("RGB").convert(mode)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("png", "1"),
        ("png", "L"),
        ("png", "LA"),
        ("png", "P"),
        ("png", "RGB"),
        ("png", "RGBA"),
        ("png", "I;16"),
        ("jpeg", "L"),
        ("jpeg", "RGB"),
        ("jpeg", "CMYK"),
        ("tiff", "1"),
        ("tiff", "P"),
        ("tiff", "CMYK"),
        ("tiff", "RGBA"),
        ("tiff", "YCbCr"),
        ("tiff", "I;16"),
        ("tiff", "I"),
        ("tiff", "F"),
    ],
)
def test_every_mode_becomes_rgb(tmp_path: Path, kind: str, mode: str) -> None:
    raster = drawn(tmp_path, kind, picture_of(mode))
    assert raster.pixels.shape == (40, 60, 3)
    assert raster.pixels.dtype == np.uint8
    assert raster.pixels[:, :28].max() < 30
    assert raster.pixels[:, 32:].min() > 225


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    picture.paste((200, 0, 0, 255), (0, 0, 10, 10))
    pixels = drawn(tmp_path, "png", picture).pixels
    assert pixels[5, 15].tolist() == [255, 255, 255]
    assert pixels[5, 5].tolist() == [200, 0, 0]
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([9, 9, 9, 0, 0, 0])
    assert drawn(tmp_path, "png", palette, transparency=1).pixels.min() == 255


def test_every_page_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    pages = [Image.new("L", (100 + n, 50), 10 * n) for n in range(3)]
    path = tmp_path / "document"
    path.write_bytes(documents.image("tiff", pages[0], save_all=True, append_images=pages[1:]))
    document = ImageDocument(path, "tiff")
    assert document.total_pages == 3
    for n in (2, 0, 1):
        pixels = document.render(n + 1, 150, 50).pixels
        assert pixels.shape == (50, 100 + n, 3)
        assert int(pixels.max()) == 10 * n


def test_an_animation_is_one_page(tmp_path: Path) -> None:
    path = tmp_path / "document"
    frames = [Image.new("L", (10, 10), n) for n in range(3)]
    path.write_bytes(documents.image("png", frames[0], save_all=True, append_images=frames[1:]))
    assert ImageDocument(path, "png").total_pages == 1


def test_exif_is_no_obstacle(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert drawn(tmp_path, "jpeg", Image.new("RGB", (30, 20), "white"), exif=exif.tobytes()).pixels.shape == (20, 30, 3)


def test_more_pixels_than_can_be_decoded_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    head = documents.image("png", Image.new("1", (8, 8)))
    # A header that promises 35,000 × 35,000 pixels; its checksum is not looked at before the pixels are.
    huge = head[:16] + (35_000).to_bytes(4, "big") * 2 + head[24:]
    path = tmp_path / "document"
    path.write_bytes(huge[:29] + _crc(huge[12:29]) + huge[33:])
    with pytest.raises(PageTooLarge):
        ImageDocument(path, "png").render(1, 150, 50)


def _crc(chunk: bytes) -> bytes:

    return zlib.crc32(chunk).to_bytes(4, "big")
