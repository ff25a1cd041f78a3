"""What the allocator keeps of freed memory can be given back."""

from __future__ import annotations

import asyncio
import ctypes
from contextlib import suppress

import psutil
import pytest

from cluster.clock import ManualClock, settle
from cluster.freed_memory import EVERY_S, trim, trim_forever


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


async def test_memory_is_given_back_again_and_again() -> None:
    clock, loop = ManualClock(), asyncio.get_running_loop()
    given_back = asyncio.Semaphore(0)

    def give_back() -> None:
        loop.call_soon_threadsafe(given_back.release)

    trimming = asyncio.create_task(trim_forever(clock, give_back))
    for _ in range(3):
        await settle()
        await clock.advance(EVERY_S * 0.9)
        assert given_back.locked()
        await clock.advance(EVERY_S * 0.1)
        await asyncio.wait_for(given_back.acquire(), 5)
        await asyncio.sleep(0.05)  # the thread's end is told
    trimming.cancel()
    with suppress(asyncio.CancelledError):
        await trimming
