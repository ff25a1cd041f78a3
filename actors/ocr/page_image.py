"""Decodes a stored page image to pixels."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from actors.ocr.engine import Pixels
from cluster.errors import EngineFailed

# A page image is our own Renderer's, which keeps it below the largest size that the settings allow; Pillow's guard
# against strangers' files would speak up at a quarter of that.
MOST_PIXELS = 400_000_000


def decode_page_image(data: bytes) -> Pixels:
    """uint8 array (height, width, 3), RGB. Blocks. EngineFailed: ``data`` is no image, or too large."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image.convert("RGB"))
    except MemoryError:
        raise
    except Exception as error:  # Pillow raises many kinds for damaged data
        raise EngineFailed(f"The stored page image can't be decoded: {type(error).__name__} {error}.") from error
