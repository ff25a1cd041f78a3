"""A page of an image document as a PDF can hold it: a JPEG byte for byte, anything else without loss.

Without loss of what is shown: as in rendering (flat_image.py), pixels are gray or RGB of eight bits on white; those of
black and white alone stay bits.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from actors.render.flat_image import flat_image

_BAND_BYTES = 8 << 20
_JPEG_COLORS = {"L": "DeviceGray", "RGB": "DeviceRGB", "CMYK": "DeviceCMYK"}

Place = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class PagePicture:
    """width, height: pixels as stored. colors, filter: PDF's names. inverted: every value is to be turned round.

    page_width, page_height: points, of the page as displayed. place: the matrix that lays the picture on it.
    """

    data: bytes
    width: int
    height: int
    colors: str
    bits: int
    filter: str
    inverted: bool
    page_width: float
    page_height: float
    place: Place


def page_picture(
    image: Image.Image, path: Path, page_width: float, page_height: float, orientation: int
) -> PagePicture:
    """image: opened, at the page's frame. path: its file. page_width, page_height: points, as displayed.

    orientation: EXIF's number, 1 to 8: how it is turned to be displayed. Raises whatever Pillow does, and MemoryError.
    """
    place = _place(orientation, page_width, page_height)
    size = image.width, image.height
    if image.format in ("JPEG", "MPO") and image.mode in _JPEG_COLORS:
        colors, inverted = _JPEG_COLORS[image.mode], image.mode == "CMYK"  # as Adobe writes them, and Pillow reads them
        data = path.read_bytes()
        return PagePicture(data, *size, colors, 8, "DCTDecode", inverted, page_width, page_height, place)
    bits = 1 if image.mode == "1" and not image.has_transparency_data else 8
    flat = image if bits == 1 else flat_image(image)
    colors = "DeviceRGB" if flat.mode == "RGB" else "DeviceGray"
    data = _deflated(flat)
    return PagePicture(data, *flat.size, colors, bits, "FlateDecode", False, page_width, page_height, place)


def _deflated(image: Image.Image) -> bytes:
    """Band by band: the pixels are not copied as a whole."""
    packer = zlib.compressobj(6)
    parts: list[bytes] = []
    band = max(1, _BAND_BYTES // max(1, image.width * 3))
    for top in range(0, image.height, band):
        rows = image.crop((0, top, image.width, min(image.height, top + band)))
        parts.append(packer.compress(rows.tobytes()))
    parts.append(packer.flush())
    return b"".join(parts)


def _place(orientation: int, width: float, height: float) -> Place:
    """From the unit square, in which PDF draws a picture, to the page; y grows upwards in both."""
    return {
        2: (-width, 0, 0, height, width, 0),
        3: (-width, 0, 0, -height, width, height),
        4: (width, 0, 0, -height, 0, height),
        5: (0, -height, -width, 0, width, height),
        6: (0, -height, width, 0, 0, height),
        7: (0, height, width, 0, 0, 0),
        8: (0, height, -width, 0, width, 0),
    }.get(orientation, (width, 0, 0, height, 0, 0))
