from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from actors.ocr import page_data_url as module
from actors.ocr.page_data_url import check_pixels, page_data_url
from cluster.errors import EngineFailed
from tests.actors.ocr.engine_contract import printed


def opened(url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def noise(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_nothing_is_lost() -> None:
    for pixels in (printed("black on white"), noise(80, 90)):
        url = page_data_url(pixels)
        assert url.startswith("data:image/png;base64,")
        assert np.array_equal(np.asarray(opened(url).convert("RGB")), pixels)


def test_a_gray_page_has_one_channel() -> None:
    assert opened(page_data_url(printed("gray"))).mode == "L"
    assert opened(page_data_url(noise(80, 90))).mode == "RGB"


def test_a_page_whose_png_is_too_large_goes_as_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PNG_BYTES", 10_000)
    url = page_data_url(noise(100, 100))
    assert url.startswith("data:image/jpeg;base64,")
    assert opened(url).size == (100, 100)


@pytest.mark.parametrize("shape", [(5, 5), (5, 5, 4), (0, 5, 3)])
def test_what_is_no_page_image_is_told(shape: tuple[int, ...]) -> None:
    with pytest.raises(EngineFailed, match="page image"):
        check_pixels(np.zeros(shape, np.uint8))
