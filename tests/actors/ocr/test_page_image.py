from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from actors.ocr.page_image import decode_page_image
from cluster.errors import EngineFailed


def encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P"])
def test_every_kind_of_image_becomes_rgb(mode: str) -> None:
    pixels = decode_page_image(encoded(Image.new("RGB", (7, 3), "white").convert(mode)))
    assert pixels.shape == (3, 7, 3)
    assert pixels.dtype == np.uint8
    assert pixels.min() == 255


@pytest.mark.parametrize("keep", [0, 4, 40])
def test_what_is_no_image_says_so(keep: int) -> None:
    with pytest.raises(EngineFailed, match="can't be decoded"):
        decode_page_image(encoded(Image.new("RGB", (50, 50), "white"))[:keep])
