"""Page images made worse, as bad scans and copies are; chance comes from a seed."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

Wear = Callable[[Image.Image, int], Image.Image]
"""A gray image and a seed; a gray image of the same size, or a little larger."""

SKEW = 3.0
GRAIN = 32.0
SPECKLE = 0.002
INK, PAPER = 128, 208
QUALITY = 20


def as_it_is(page: Image.Image, seed: int) -> Image.Image:
    return page


def noisy(page: Image.Image, seed: int) -> Image.Image:
    """Grain of a deviation of ``GRAIN`` grey levels, and ``SPECKLE`` of the pixels black or white."""
    chance = np.random.default_rng(seed)
    pixels = np.asarray(page, np.float32) + chance.normal(0.0, GRAIN, (page.height, page.width))
    struck = chance.random((page.height, page.width))
    pixels[struck < SPECKLE / 2] = 0
    pixels[struck > 1 - SPECKLE / 2] = 255
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def skewed(page: Image.Image, seed: int) -> Image.Image:
    """Turned by ``SKEW`` degrees, to one side or the other, on paper that grows with it."""
    degrees = SKEW if seed % 2 else -SKEW
    return page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def pale(page: Image.Image, seed: int) -> Image.Image:
    """Grey ink on grey paper."""
    return page.point([INK + (PAPER - INK) * level // 255 for level in range(256)])


def jpeg_worn(page: Image.Image, seed: int) -> Image.Image:
    """Stored once as JPEG of quality ``QUALITY``."""
    stored = io.BytesIO()
    page.save(stored, "JPEG", quality=QUALITY)
    return Image.open(stored).convert("L")


def old_print(page: Image.Image, seed: int) -> Image.Image:
    """Yellowed paper with worn letters: spots, uneven ink and a shadow along the binding."""
    chance = np.random.default_rng(seed)
    pixels = np.asarray(page, np.float32)
    height, width = pixels.shape
    coarse = chance.normal(0.0, 1.0, (height // 24 + 1, width // 24 + 1)).astype(np.float32)
    uneven = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    ink = 1.0 - pixels / 255.0
    paper = 212.0 + 7.0 * uneven
    shadow = 60.0 * np.exp(-np.arange(width, dtype=np.float32) / (0.04 * width))
    worn = paper - shadow[None, :] - ink * (150.0 + 25.0 * uneven) + chance.normal(0.0, 9.0, (height, width))
    for _ in range(int(2.5e-4 * height * width)):
        y, x = int(chance.integers(height - 3)), int(chance.integers(width - 3))
        worn[y : y + int(chance.integers(1, 4)), x : x + int(chance.integers(1, 4))] -= chance.integers(30, 110)
    return Image.fromarray(np.clip(worn, 0, 255).astype(np.uint8))


WEAR: dict[str, Wear] = {"noisy": noisy, "skewed": skewed, "pale": pale, "jpeg": jpeg_worn}
