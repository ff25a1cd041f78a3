"""An image of any kind of pixels made flat: gray or RGB, eight bits, on white.

Sixteen bits are scaled, not clipped: the upper eight are kept. Numbers whose scale nobody knows (32 bits, floats) are
stretched from the least to the greatest. What is transparent shows white paper. CMYK goes by Pillow's plain formula,
which knows the inverted values of Adobe's JPEGs; colour profiles are not followed, since print stays print.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

_WIDE_MODES = ("I", "F")
_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262
_WHITE_IS_ZERO = 0


def flat_image(image: Image.Image) -> Image.Image:
    """Of mode ``L`` or ``RGB``. Decodes the image; raises whatever Pillow does."""
    if image.mode.startswith("I;16"):
        return _sixteen_bits(image)
    if image.mode.startswith(_WIDE_MODES):
        return _stretched(np.asarray(image))
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        # Many programs leave the fourth byte of a bitmap's pixels unused.
        unused = image.format == "BMP" and layered.getchannel("A").getextrema() == (0, 0)
        return image.convert("RGB") if unused else _on_white(layered)
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "LAB":  # Pillow has no way from here to RGB, and print is read by its lightness
        return image.getchannel("L")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _on_white(layered: Image.Image) -> Image.Image:
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=layered.getchannel("A"))
    return flat


def _sixteen_bits(image: Image.Image) -> Image.Image:
    """A TIFF may have fewer bits in its sixteen, and may count from white to black, which Pillow passes on as it is."""
    bits, inverted = 16, False
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        (bits, *_) = image.tag_v2.get(_BITS_PER_SAMPLE, (16,))
        inverted = image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    gray = (np.asarray(image).astype(np.uint16) >> max(0, bits - 8)).astype(np.uint8)
    return Image.fromarray(255 - gray if inverted else gray)


def _stretched(values: NDArray[Any]) -> Image.Image:
    finite = np.isfinite(values)
    known = values[finite]
    least, greatest = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if not greatest > least:
        return Image.new("L", (values.shape[1], values.shape[0]), "white")
    gray = (np.where(finite, values, greatest) - least) * (255 / (greatest - least))
    return Image.fromarray(gray.astype(np.uint8))
