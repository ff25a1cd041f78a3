from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from actors.render.flat_image import flat_image
from tests.actors.render import documents, images


def flat(data: bytes) -> NDArray[np.uint8]:
    """The image as RGB."""
    return np.asarray(flat_image(Image.open(io.BytesIO(data))).convert("RGB"))


def ramp(dtype: str, greatest: float, samples: int = 1) -> NDArray[Any]:
    """Five columns from nothing to ``greatest``, in equal steps."""
    row = (np.arange(5) * (greatest / 4)).astype(dtype)
    return np.repeat(np.tile(row, (3, 1))[:, :, None], samples, axis=2)


STEPS = [0, 64, 128, 191, 255]


@pytest.mark.parametrize(
    "data",
    [
        images.png16(ramp("u2", 65535)),
        images.png16(ramp("u2", 65535, 3)),
        images.tiff(ramp("<u2", 65535), 1),
        images.tiff(ramp("<u2", 65535)[:, ::-1], 0),
        images.tiff(ramp("<u2", 65535, 3), 2),
        images.tiff(
            65535 - ramp("<u2", 65535, 4) * np.array([1, 1, 1, 0], "<u2") - np.array([0, 0, 0, 65535], "<u2"), 5
        ),
        images.tiff(ramp("<f4", 1), 1),
        images.tiff(ramp("<f4", 1000), 1),
        images.tiff(ramp("<u4", 70_000), 1),
        images.tiff(ramp("<i2", 400) - np.array(200, "<i2"), 1),
        images.tiff(ramp("u1", 255)[:, ::-1], 0),
    ],
    ids=[
        "png gray16",
        "png rgb16",
        "tiff gray16",
        "tiff gray16 white is zero",
        "tiff rgb16",
        "tiff cmyk16",
        "tiff float to 1",
        "tiff float to 1000",
        "tiff gray32",
        "tiff signed",
        "tiff gray8 white is zero",
    ],
)
def test_wide_pixels_are_scaled_and_not_clipped(data: bytes) -> None:
    pixels = flat(data)
    assert abs(pixels[1, :, 0].astype(int) - STEPS).max() <= 1
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_what_counts_from_white_to_black_comes_out_so() -> None:
    black_right = images.tiff(ramp("<u2", 65535), 0)
    assert flat(black_right)[0, :, 0].tolist() == [255, 192, 128, 64, 0]


def test_twelve_bits_are_twelve() -> None:
    packed = np.full((2, 6, 1), 0xFF, "u1")  # four pixels of 12 bits in six bytes
    packed[:, :3] = [[0x00], [0x08], [0x00]]  # 0 and 0x800
    assert flat(images.tiff(packed, 1, bits=12))[0, :, 0].tolist() == [0, 128, 255, 255]


def test_alpha_of_sixteen_bits_shows_white_paper() -> None:
    gray = np.zeros((2, 3, 2), "u2")
    gray[:, 1, 1] = 65535
    assert flat(images.png16(gray))[0, :, 0].tolist() == [255, 0, 255]
    colour = np.zeros((2, 3, 4), "<u2")
    colour[:, 1, 3] = 65535
    assert flat(images.tiff(colour, 2, extra=2))[0, :, 0].tolist() == [255, 0, 255]


def test_half_transparent_ink_is_half_as_dark() -> None:
    assert flat(documents.image("png", Image.new("LA", (2, 2), (0, 128))))[0, 0].tolist() == [127, 127, 127]
    assert flat(documents.image("webp", Image.new("RGBA", (2, 2), (0, 0, 0, 128)), lossless=True))[0, 0, 0] == 127


def test_a_bitmap_whose_fourth_byte_is_unused_is_not_blank() -> None:
    def bitmap(alpha: int) -> bytes:
        masks = b"".join(mask.to_bytes(4, "little") for mask in (0xFF0000, 0xFF00, 0xFF, 0xFF000000))
        header = (56).to_bytes(4, "little") + b"".join(side.to_bytes(4, "little") for side in (2, 1))
        header += b"\1\0\x20\0" + (3).to_bytes(4, "little") + bytes(20) + masks
        pixels = bytes([0, 0, 0, alpha, 200, 200, 200, 0])
        return (
            b"BM" + (14 + 56 + 8).to_bytes(4, "little") + bytes(4) + (14 + 56).to_bytes(4, "little") + header + pixels
        )

    assert flat(bitmap(0))[0, :, 0].tolist() == [0, 200]
    assert flat(bitmap(255))[0, :, 0].tolist() == [0, 255], (
        "the second pixel is transparent, where that means something"
    )


def test_floats_without_a_number_are_paper() -> None:
    values = ramp("<f4", 1)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    pixels = flat(images.tiff(values, 1))
    assert pixels[0, :3, 0].tolist() == [255, 255, 255]
    assert pixels[1, 0, 0] == 0
    assert flat(images.tiff(np.full((2, 2, 1), np.nan, "<f4"), 1)).min() == 255
    assert flat(images.tiff(np.full((2, 2, 1), 0.5, "<f4"), 1)).min() == 255


def test_lab_is_read_by_its_lightness() -> None:
    lab = np.zeros((2, 3, 3), "u1")
    lab[:, 1, 0] = 255
    assert flat(images.tiff(lab, 8))[0, :, 0].tolist() == [0, 255, 0]


def test_adobes_inverted_cmyk_is_known() -> None:
    """Of JPEGs of four colours, those with Adobe's mark hold 255 less each value."""
    black = documents.image("jpeg", Image.new("CMYK", (8, 8), (0, 0, 0, 255)))
    assert b"Adobe" in black
    assert flat(black).max() == 0
    plain = bytearray(black)
    start = plain.index(b"\xff\xee")
    del plain[start : start + 2 + int.from_bytes(plain[start + 2 : start + 4], "big")]
    assert b"Adobe" not in plain
    assert flat(bytes(plain)).max() == 0, "three colours in full are black, too"
    white = bytearray(documents.image("jpeg", Image.new("CMYK", (8, 8), (0, 0, 0, 0))))
    assert flat(bytes(white)).min() == 255


@pytest.mark.samples
@pytest.mark.parametrize("name", ["baiona_cmyk.jpg", "baiona_alpha.png"])
def test_the_same_picture_in_other_pixels_looks_the_same(real_samples: Path, name: str) -> None:
    plain, other = (flat((real_samples / each).read_bytes()).astype(int) for each in ("baiona_color.jpg", name))
    assert plain.shape == other.shape
    assert abs(plain - other).mean() < 12
