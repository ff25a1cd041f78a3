"""Makes this process keep the memory that it frees, for libraries that ask for the same large pieces over and over."""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # as in malloc.h
MOST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Whether it could be had: glibc alone has such a switch.

    Otherwise every tensor above 32 MB is fresh memory from the kernel, which it fills with zeros page by page: a third
    of the detector's time on a large page. The process then stays as large as it has once been.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(M_MMAP_MAX, 0)) and bool(mallopt(M_TRIM_THRESHOLD, MOST))
