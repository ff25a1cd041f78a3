"""Memory that this process has freed and the allocator keeps for later, given back to the system."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable

from cluster.clock import Clock

EVERY_S = 30.0


def trim() -> None:
    """Takes some milliseconds; does nothing where the C library is not glibc.

    Of what was freed between pieces still in use glibc returns nothing by itself; asked to, it returns whole pages.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)


async def trim_forever(clock: Clock, trim: Callable[[], None] = trim) -> None:
    """For a process that lives long under changing load; every EVERY_S, in a thread."""
    while True:
        await clock.sleep(EVERY_S)
        await asyncio.to_thread(trim)
