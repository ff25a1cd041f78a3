"""What a scanner does to a page: turned a little, blurred, tinted, shaded, dusty, grainy; chance comes from a seed."""

from __future__ import annotations

import io
import random
from typing import NamedTuple

import pymupdf
from PIL import Image, ImageChops, ImageFilter

from samples.sheet import DPI, HEIGHT, WIDTH


class Scan(NamedTuple):
    """How a page was scanned. skew: degrees counter-clockwise. paper, ink: grey levels, 0 black to 255 white.

    blur: radius in pixels. grain: largest deviation in grey levels. specks: how many grains of dust.
    """

    skew: float
    paper: int = 240
    ink: int = 38
    blur: float = 0.7
    grain: int = 9
    specks: int = 25
    tint: tuple[float, float, float] = (1.0, 0.99, 0.955)


def scan(page: Image.Image, how: Scan, seed: int) -> Image.Image:
    """The page as a scanner's glass saw it, in grey."""
    chance = random.Random(seed)
    span = how.paper - how.ink
    seen = page.point([how.ink + span * level // 255 for level in range(256)])
    seen = seen.filter(ImageFilter.GaussianBlur(how.blur))
    seen = seen.rotate(how.skew, Image.Resampling.BICUBIC, fillcolor=how.paper)
    shade = Image.linear_gradient("L").rotate(90).resize(seen.size)  # the lid does not lie flat: one side is darker
    seen = ImageChops.subtract(seen, shade.point([level // 18 for level in range(256)]))
    for _ in range(how.specks):
        x, y = chance.randrange(seen.width - 4), chance.randrange(seen.height - 4)
        seen.paste(chance.randrange(90, 170), (x, y, x + chance.randrange(1, 4), y + chance.randrange(1, 4)))
    size = (seen.width // 2, seen.height // 2)
    noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1])).resize(seen.size, Image.Resampling.BILINEAR)
    grain = noise.point([2 * how.grain * level // 255 for level in range(256)])
    return ImageChops.add(seen, grain, scale=1.0, offset=-how.grain)


def as_pdf(seen: Image.Image, how: Scan) -> bytes:
    """A PDF of one page that holds the scan as a tinted JPEG and nothing else."""
    red, green, blue = (seen.point([int(level * share) for level in range(256)]) for share in how.tint)
    jpeg = io.BytesIO()
    Image.merge("RGB", (red, green, blue)).save(jpeg, "JPEG", quality=58, optimize=True, dpi=(DPI, DPI))
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    page.insert_image(page.rect, stream=jpeg.getvalue())
    return bytes(document.tobytes(garbage=4, deflate=True, no_new_id=True))


def as_png(seen: Image.Image, how: Scan) -> bytes:
    """The scan in sixteen greys, the paper's grain mostly levelled out as scanners do it."""
    white = how.paper - 16
    levels = [min(15, max(0, (level - 20) * 16 // (white - 20))) for level in range(256)]
    grey = Image.frombytes("P", seen.size, seen.point(levels).tobytes())
    grey.putpalette([17 * level for level in range(16) for _ in range(3)])
    png = io.BytesIO()
    grey.save(png, "PNG", bits=4, optimize=True, dpi=(DPI, DPI))
    return png.getvalue()
