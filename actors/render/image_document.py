"""Images as documents, through Pillow: PNG, JPEG, and TIFF with its pages.

The size of an image's page in points follows the dpi that the image itself names, where that is believable. Where it
is not, the image counts as if it had been made at the asked dpi, so that no pixel is thrown away.

An image that knows its dpi is shrunk to the asked one, as a scan inside a PDF would be, but never below two megapixels
(a letter page at 150 dpi): dots an inch in files are often wrong, and pixels thrown away don't come back. None is
enlarged. Fax pages, with fewer lines than columns an inch, are stretched to square pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from actors.render.raster import Raster, fit
from cluster.errors import PageTooLarge
from cluster.page_text import PageText

_FORMATS = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF"}

_BELIEVABLE_DPI = (50.0, 2400.0)
_MOST_UNEVEN = 2.5
_NEVER_BELOW_PIXELS = 2e6
_MOST_DECODED_BYTES = 400 << 20
_WIDE_MODES = ("I", "F")


def lift_pixel_limit() -> None:
    """Pillow's own limit would refuse pages that fit; ``_check_decoded_size`` stands in its place."""
    Image.MAX_IMAGE_PIXELS = None


class ImageDocument:
    """Raises whatever Pillow does. Only the header is read; a page's pixels are decoded when it is rendered."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._format = _FORMATS[kind]
        with self._opened() as image:
            # Frames of other kinds are animations or thumbnails, not pages.
            self.total_pages = int(getattr(image, "n_frames", 1)) if kind == "tiff" else 1

    def render(self, page: int, dpi: int, max_megapixels: float) -> Raster:
        with self._opened() as image:
            if page > 1:
                image.seek(page - 1)
            return _rasterise(image, dpi, max_megapixels)

    def text(self, page: int) -> PageText | None:
        return None

    def close(self) -> None:
        """Nothing stays open between pages."""

    def _opened(self) -> Image.Image:
        return Image.open(self._path, formats=(self._format,))


@dataclass(frozen=True, slots=True)
class _Plan:
    """page_width, page_height: points. size: pixels of the raster."""

    page_width: float
    page_height: float
    size: tuple[int, int]


def _rasterise(image: Image.Image, dpi: int, max_megapixels: float) -> Raster:
    plan = _plan(image, dpi, max_megapixels)
    image.draft(None, plan.size)  # a JPEG is decoded at a half, a quarter or an eighth where that is enough
    _check_decoded_size(image)
    flat = _flat(image)
    if flat.size != plan.size:
        flat = flat.resize(plan.size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    dpi_drawn = plan.size[0] * 72 / plan.page_width
    return Raster(np.asarray(flat.convert("RGB")), plan.page_width, plan.page_height, dpi_drawn)


def _plan(image: Image.Image, dpi: int, max_megapixels: float) -> _Plan:
    own = _own_dpi(image)
    across, down = own or (float(dpi), float(dpi))
    square = max(across, down)
    width, height = image.width * square / across, image.height * square / down
    enough = math.sqrt(_NEVER_BELOW_PIXELS / (width * height))
    factor = min(1.0, max(dpi / square, enough))
    factor *= fit(width * factor, height * factor, max_megapixels)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return _Plan(image.width * 72 / across, image.height * 72 / down, size)


def _own_dpi(image: Image.Image) -> tuple[float, float] | None:
    """Dots an inch across and down as the file names them, where believable."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    low, high = _BELIEVABLE_DPI
    if not (low <= across <= high and low <= down <= high):
        return None
    return (across, down) if max(across, down) <= _MOST_UNEVEN * min(across, down) else None


def _check_decoded_size(image: Image.Image) -> None:
    """By what the pixels will take in memory: one byte a pixel in gray and palette images, else four."""
    size = image.width * image.height * (1 if image.mode in ("1", "L", "P") else 4)
    if size > _MOST_DECODED_BYTES:
        raise PageTooLarge(f"The image has {image.width} × {image.height} pixels, which is too many to decode.")


def _flat(image: Image.Image) -> Image.Image:
    """The image in gray or RGB, eight bits, on white."""
    if image.mode.startswith(_WIDE_MODES):
        return _narrowed(image)
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        flat = Image.new("RGB", image.size, "white")
        flat.paste(layered, mask=layered.getchannel("A"))
        return flat
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _narrowed(image: Image.Image) -> Image.Image:
    """16 bits: the upper eight. 32 bits and floats, whose scale nobody knows: stretched from least to greatest."""
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        return Image.fromarray((values.astype(np.uint16) >> 8).astype(np.uint8))
    least, greatest = float(np.nanmin(values)), float(np.nanmax(values))
    if not greatest > least:
        return Image.new("L", image.size, "white")
    return Image.fromarray(np.nan_to_num((values - least) * (255 / (greatest - least))).astype(np.uint8))
