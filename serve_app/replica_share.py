"""What a pool's replica has of its machine and of others: its cores, and pixels that another one published."""

from __future__ import annotations

import os
from typing import Any

from actors.ocr.engine import Pixels


def cores_of(asked: float | None, replicas: int) -> int:
    """Cores of one replica: those that a setting gives it, else its share of the machine's, at least one.

    In a container the machine's are not all ours, so there the setting is needed.
    """
    return max(1, int(asked or len(os.sched_getaffinity(0)) // replicas))


async def fetch_pixels(reference: Any) -> Pixels:
    pixels: Pixels = await reference
    return pixels
