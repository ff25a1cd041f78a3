"""A page image as a data URL, for servers that take images inside their requests.

PNG, since OCR suffers from what JPEG does to small print; and on clean printed pages PNG is the smaller of the two.
Only where a page is so noisy that its PNG would be larger than servers commonly take is it sent as a good JPEG.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from actors.ocr.engine import Pixels
from actors.ocr.vlm_image import padded
from actors.render.raster import is_gray
from cluster.errors import EngineFailed

MOST_PNG_BYTES = 8 << 20
JPEG_QUALITY = 95


def check_pixels(pixels: Pixels) -> None:
    """EngineFailed: this is no page image."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        raise EngineFailed(f"A page image must be bytes of (height, width, 3), not {pixels.dtype} of {pixels.shape}.")


def page_data_url(pixels: Pixels) -> str:
    """The page with the sides that a model can take, on white; as ``data:image/png;base64,…``, or jpeg."""
    image = padded(Image.fromarray(np.ascontiguousarray(pixels[..., 0]) if is_gray(pixels) else pixels))
    kind, data = "png", _encoded(image, "PNG", compress_level=1)
    if len(data) > MOST_PNG_BYTES:
        kind, data = "jpeg", _encoded(image, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"


def blank_page_url() -> str:
    """A small white page."""
    return page_data_url(np.full((320, 320, 3), 255, np.uint8))


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
