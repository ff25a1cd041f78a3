"""Memory that this process has freed and the allocator keeps for later, given back to the system."""

from __future__ import annotations

import ctypes


def trim() -> None:
    """Takes some milliseconds; does nothing where the C library is not glibc.

    Of what was freed between pieces still in use glibc returns nothing by itself; asked to, it returns whole pages.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):
        library.malloc_trim(0)
