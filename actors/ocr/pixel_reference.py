"""Pixels behind an opaque reference: taken where they can still be had, for a bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from actors.ocr.engine import Pixels

FETCH_SECONDS = 3.0

Fetch = Callable[[Any], Awaitable[Pixels | None]]
"""Resolves a reference to its pixels."""


async def referenced_pixels(fetch: Fetch, reference: Any) -> Pixels | None:
    """uint8 array (height, width, 3), RGB. None where ``reference`` is None, and on whatever failure.

    The Renderer may be gone, which is normal; the page image is in the blob store as well.
    """
    if reference is None:
        return None
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            pixels = await fetch(reference)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return None  # it was the reference that was cancelled, not this page
    except Exception:
        return None
    return pixels if _is_page(pixels) else None


def _is_page(pixels: object) -> bool:
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        return False
    return pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.size > 0
