"""Images as documents."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

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
        ("webp", "L"),
        ("webp", "RGB"),
        ("webp", "RGBA"),
        ("bmp", "1"),
        ("bmp", "L"),
        ("bmp", "P"),
        ("bmp", "RGB"),
        ("bmp", "RGBA"),
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


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_an_animation_is_one_page_its_first_frame(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "document"
    frames = [Image.new("RGB", (10, 10), (100 * n, 0, 0)) for n in range(3)]
    path.write_bytes(documents.image(kind, frames[0], save_all=True, append_images=frames[1:]))
    document = ImageDocument(path, kind)
    assert document.total_pages == 1
    assert int(document.render(1, 150, 50).pixels.max()) < 20


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "bmp"])
@pytest.mark.parametrize("size", [(1, 1), (60, 2400), (2400, 60)])
def test_odd_sizes_keep_their_pixels(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    raster = drawn(tmp_path, kind, Image.new("RGB", size, "white"))
    assert raster.pixels.shape == (size[1], size[0], 3)
    assert int(raster.pixels.min()) == 255


def test_a_bitmap_names_its_dpi(tmp_path: Path) -> None:
    raster = drawn(tmp_path, "bmp", Image.new("L", (2550, 3300), 255), dpi=(300, 300))
    assert raster.pixels.shape == (1650, 1275, 3)


def corners(pixels: Any) -> list[str]:
    """The colours of the corners: top left, top right, bottom left, bottom right."""
    names = {(0, 0, 0): "black", (255, 0, 0): "red", (0, 0, 255): "blue", (255, 255, 255): "white"}
    near = [pixels[y, x].astype(int) for y in (3, -4) for x in (3, -4)]
    return [min(names.items(), key=lambda entry: abs(found - entry[0]).sum())[1] for found in near]


def picture_with_corners(width: int = 60, height: int = 40) -> Image.Image:
    """black, red / blue, white."""
    picture = Image.new("RGB", (width, height), "black")
    picture.paste("red", (width // 2, 0, width, height // 2))
    picture.paste("blue", (0, height // 2, width // 2, height))
    picture.paste("white", (width // 2, height // 2, width, height))
    return picture


TURNED = {
    1: ["black", "red", "blue", "white"],
    2: ["red", "black", "white", "blue"],
    3: ["white", "blue", "red", "black"],
    4: ["blue", "white", "black", "red"],
    5: ["black", "blue", "red", "white"],
    6: ["blue", "black", "white", "red"],
    7: ["white", "red", "blue", "black"],
    8: ["red", "white", "black", "blue"],
}
"""Orientation 6, say: the stored picture's first row is the displayed one's right-hand column, from top to bottom."""


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff"])
def test_a_picture_is_turned_as_its_exif_asks(tmp_path: Path, kind: str, orientation: int) -> None:
    saving: dict[str, Any] = {
        "tiff": {"tiffinfo": {0x0112: orientation}},
        "jpeg": {"quality": 95, "subsampling": 0, "dpi": (150, 150)},
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    asked: dict[str, Any] = {} if kind == "tiff" else {"exif": exif.tobytes()}
    raster = drawn(tmp_path, kind, picture_with_corners(), **asked, **saving.get(kind, {}))
    assert corners(raster.pixels) == TURNED[orientation]
    lying = orientation < 5
    assert raster.pixels.shape == ((40, 60, 3) if lying else (60, 40, 3))
    page = (60 * 72 / 150, 40 * 72 / 150)
    assert (raster.page_width, raster.page_height) == pytest.approx(page if lying else page[::-1])
    assert raster.dpi == pytest.approx(150)
    assert raster.pixels.flags.c_contiguous


@pytest.mark.parametrize("kind", ["jpeg", "tiff"])
def test_a_turned_picture_keeps_its_dpi_by_side(tmp_path: Path, kind: str) -> None:
    """200 dots an inch across and 100 down, before it is turned: a square of three inches."""
    exif = Image.Exif()
    exif[0x0112] = 6
    saving: dict[str, Any] = {"tiffinfo": {0x0112: 6}} if kind == "tiff" else {"exif": exif.tobytes()}
    raster = drawn(tmp_path, kind, picture_with_corners(600, 300), dpi=(200, 100), **saving)
    assert (raster.page_width, raster.page_height) == pytest.approx((216, 216))
    assert raster.pixels.shape == (600, 600, 3)
    assert corners(raster.pixels) == TURNED[6]


def test_a_large_photograph_is_turned_after_it_was_shrunk(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    raster = drawn(tmp_path, "jpeg", picture_with_corners(2400, 1600), limit=0.5, exif=exif.tobytes())
    height, width, _ = raster.pixels.shape
    assert height * width <= 500_000
    assert height / width == pytest.approx(1.5, rel=0.01)
    assert corners(raster.pixels) == TURNED[8]


def test_every_page_of_a_tiff_has_its_own_turn(tmp_path: Path) -> None:
    path = tmp_path / "document"
    file = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(file) as writer:
        for orientation in (1, 6, 3):
            page = io.BytesIO()
            compression = "tiff_lzw" if orientation == 6 else None
            picture_with_corners().save(page, "tiff", tiffinfo={0x0112: orientation}, compression=compression)
            writer.write(page.getvalue())
            writer.newFrame()
        path.write_bytes(file.getvalue())
    document = ImageDocument(path, "tiff")
    assert document.total_pages == 3
    for number, orientation in ((2, 6), (1, 1), (3, 3)):
        assert corners(document.render(number, 150, 50).pixels) == TURNED[orientation]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning")
@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0rubbish", b"\0" * 40])
def test_damaged_exif_is_no_obstacle(tmp_path: Path, exif: bytes) -> None:
    for kind in ("jpeg", "png", "webp"):
        assert corners(drawn(tmp_path, kind, picture_with_corners(), exif=exif).pixels) == TURNED[1]
    wrong = Image.Exif()
    wrong[0x0112] = 77
    assert corners(drawn(tmp_path, "jpeg", picture_with_corners(), exif=wrong.tobytes()).pixels) == TURNED[1]


def a_huge_png() -> bytes:
    """A header that promises 35,000 × 35,000 pixels; its checksum is not looked at before the pixels are."""
    head = documents.image("png", Image.new("1", (8, 8)))
    huge = head[:16] + (35_000).to_bytes(4, "big") * 2 + head[24:]
    return huge[:29] + zlib.crc32(huge[12:29]).to_bytes(4, "big") + huge[33:]


def a_huge_bitmap() -> bytes:
    head = bytearray(documents.image("bmp", Image.new("RGB", (8, 8))))
    head[18:26] = (35_000).to_bytes(4, "little") * 2
    return bytes(head)


def a_huge_webp() -> bytes:
    """Of the largest canvas that there is, by its header."""
    head = bytearray(documents.image("webp", Image.new("RGB", (8, 8)), lossless=True))
    head[21:25] = (16_383 | 16_383 << 14).to_bytes(4, "little")
    return bytes(head)


@pytest.mark.parametrize(("kind", "made"), [("png", a_huge_png), ("bmp", a_huge_bitmap), ("webp", a_huge_webp)])
def test_more_pixels_than_can_be_decoded_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, made: Callable[[], bytes]
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    path = tmp_path / "document"
    path.write_bytes(made())
    with pytest.raises(PageTooLarge):
        ImageDocument(path, kind).render(1, 150, 50)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF:UserWarning", "ignore:Truncated File:UserWarning")
@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "bmp"])
def test_what_can_not_be_decoded_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "document"
    whole = documents.image(kind, Image.effect_noise((200, 200), 90).convert("RGB"))
    path.write_bytes(whole[:10])
    with pytest.raises(OSError, match=r"identify|Truncated"):
        ImageDocument(path, kind)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises((OSError, SyntaxError, TypeError)):
        ImageDocument(path, kind).render(1, 150, 50)
