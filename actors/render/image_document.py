"""Images as documents, through Pillow: PNG, JPEG, WebP, BMP, and TIFF with its pages.

Frames of a TIFF are pages. Those of the others are not, but animations and thumbnails: of them the first one counts.

The size of an image's page in points follows the dpi that the image itself names, where that is believable. Where it
is not, the image counts as if it had been made at the asked dpi, so that no pixel is thrown away.

An image that knows its dpi is shrunk to the asked one, as a scan inside a PDF would be, but never below two megapixels
(a letter page at 150 dpi): dots an inch in files are often wrong, and pixels thrown away don't come back. None is
enlarged. Fax pages, with fewer lines than columns an inch, are stretched to square pixels.

A camera stores its picture as the sensor lay and notes how to turn it (EXIF's orientation): the page is the turned one.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from actors.render.embedded_text import Verdict
from actors.render.flat_image import flat_image
from actors.render.page_picture import PagePicture, page_picture
from actors.render.page_size import PageSize
from actors.render.raster import Raster, fit
from actors.render.webp_header import HEADER_BYTES, webp_size
from cluster.errors import PageTooLarge
from cluster.page_text import PageText

_FORMATS = {"png": "PNG", "jpeg": "JPEG", "tiff": "TIFF", "webp": "WEBP", "bmp": "BMP"}

_BELIEVABLE_DPI = (50.0, 2400.0)
_MOST_UNEVEN = 2.5
_NEVER_BELOW_PIXELS = 2e6
_MOST_DECODED_BYTES = 400 << 20
_WEBP_BYTES_A_PIXEL = 16  # two canvases of the decoder, the frame, and the image

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What EXIF's orientations other than 1 ask for."""
_SIDEWAYS = (5, 6, 7, 8)


def lift_pixel_limit() -> None:
    """Pillow's own limit would refuse pages that fit; ``_check_decoded_size`` stands in its place."""
    Image.MAX_IMAGE_PIXELS = None


class ImageDocument:
    """Raises whatever Pillow does. Only the header is read; a page's pixels are decoded when it is rendered."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._format = _FORMATS[kind]
        self.total_pages = 1
        with suppress(PageTooLarge), self._opened() as image:  # then it is the page that fails
            if kind == "tiff":
                self.total_pages = int(getattr(image, "n_frames", 1))

    def render(self, page: int, dpi: int, max_megapixels: float) -> Raster:
        with self._opened() as image:
            if page > 1:
                image.seek(page - 1)
            return _rasterise(image, dpi, max_megapixels)

    def size(self, page: int, dpi: int, max_megapixels: float) -> PageSize:
        with self._opened() as image:
            if page > 1:
                image.seek(page - 1)
            return _size(image, dpi, max_megapixels)

    def embedded(self, page: int, *, forced: bool) -> Verdict:
        if not forced:
            return Verdict(None)
        return Verdict(PageText("", source="embedded", reason="an image has no embedded text"))

    def picture(self, page: int, dpi: int) -> PagePicture:
        """The page for a PDF, of the size that rendering it at ``dpi`` finds. PageTooLarge, MemoryError."""
        with self._opened() as image:
            if page > 1:
                image.seek(page - 1)
            return _picture(image, self._path, dpi)

    def close(self) -> None:
        """Nothing stays open between pages."""

    def _opened(self) -> Image.Image:
        if self._format == "WEBP":
            _check_webp_size(self._path)
        return Image.open(self._path, formats=(self._format,))


@dataclass(frozen=True, slots=True)
class _Plan:
    """page_width, page_height: points. size: pixels of the raster. All before it is turned."""

    page_width: float
    page_height: float
    size: tuple[int, int]

    def turned(self) -> _Plan:
        return _Plan(self.page_height, self.page_width, (self.size[1], self.size[0]))


def _size(image: Image.Image, dpi: int, max_megapixels: float) -> PageSize:
    plan = _plan(image, dpi, max_megapixels)
    if image.format != "TIFF" and _orientation(image) in _SIDEWAYS:
        plan = plan.turned()
    return PageSize(plan.page_width, plan.page_height, *plan.size)


def _rasterise(image: Image.Image, dpi: int, max_megapixels: float) -> Raster:
    turned_by_itself = image.format == "TIFF"
    plan = _plan(image, dpi, max_megapixels)
    image.draft(None, plan.size)  # a JPEG is decoded at a half, a quarter or an eighth where that is enough
    _check_decoded_size(image)
    flat = flat_image(image)
    if flat.size != plan.size:
        flat = flat.resize(plan.size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    # Asked only now: in search of it, Pillow may read a PNG to its end.
    orientation = 1 if turned_by_itself else _orientation(image)
    if orientation in _TURNS:
        flat = flat.transpose(_TURNS[orientation])
        plan = plan.turned() if orientation in _SIDEWAYS else plan
    dpi_drawn = plan.size[0] * 72 / plan.page_width
    return Raster(np.asarray(flat.convert("RGB")), plan.page_width, plan.page_height, dpi_drawn)


def _picture(image: Image.Image, path: Path, dpi: int) -> PagePicture:
    turned_by_itself = image.format == "TIFF"
    orientation = _orientation(image)
    plan = _plan(image, dpi, math.inf)
    if image.format not in ("JPEG", "MPO"):
        _check_decoded_size(image)
    if turned_by_itself:
        orientation = 1
    elif orientation in _SIDEWAYS:
        plan = plan.turned()
    return page_picture(image, path, plan.page_width, plan.page_height, orientation)


def _orientation(image: Image.Image) -> int:
    """EXIF's number, 1 to 8; 1 where there is none that can be read."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # its metadata may be damaged in any way: the picture is not
        return 1
    return value if isinstance(value, int) and value in _TURNS else 1


def _plan(image: Image.Image, dpi: int, max_megapixels: float) -> _Plan:
    across, down = _own_dpi(image) or (float(dpi), float(dpi))
    # Pillow turns a TIFF by itself as it decodes it, and tells its size as turned, but not its dpi.
    if image.format == "TIFF" and _orientation(image) in _SIDEWAYS:
        across, down = down, across
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


def _check_webp_size(path: Path) -> None:
    with path.open("rb") as file:
        size = webp_size(file.read(HEADER_BYTES))
    if size is not None and size[0] * size[1] * _WEBP_BYTES_A_PIXEL > 2 * _MOST_DECODED_BYTES:
        raise PageTooLarge(f"The image has {size[0]} × {size[1]} pixels, which is too many to decode as WebP.")


def _check_decoded_size(image: Image.Image) -> None:
    """By what the pixels will take in memory: one byte a pixel in gray and palette images, else four."""
    size = image.width * image.height * (1 if image.mode in ("1", "L", "P") else 4)
    if size > _MOST_DECODED_BYTES:
        raise PageTooLarge(f"The image has {image.width} × {image.height} pixels, which is too many to decode.")
