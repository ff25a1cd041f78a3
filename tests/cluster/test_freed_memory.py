"""What the allocator keeps of freed memory can be given back."""

from __future__ import annotations

import ctypes

import psutil
import pytest

from cluster.freed_memory import trim


def test_trimming_gives_back_what_is_free_between_pieces_in_use() -> None:
    library = ctypes.CDLL(None)
    if not hasattr(library, "malloc_trim"):
        pytest.skip("the C library is not glibc, and has no malloc_trim")
    trim()
    pieces = [b"x" * 40_000 for _ in range(2000)]
    held = pieces[::20]  # memory that stands free between these is no end of the heap
    del pieces
    before = psutil.Process().memory_full_info().uss
    trim()
    assert before - psutil.Process().memory_full_info().uss > 40_000_000
    assert len(held) == 100
