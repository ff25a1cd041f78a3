"""Memory is given back once many have gone, twice, and not for a few."""

from __future__ import annotations

import pytest

from cluster.clock import ManualClock, settle
from serve_app.background import Background
from serve_app.memory_return import MemoryReturn


class Trims:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


async def leave(memory: MemoryReturn, listeners: int) -> None:
    for _ in range(listeners):
        with memory.used():
            pass


async def test_memory_is_given_back_after_many_have_gone() -> None:
    clock, background, trims = ManualClock(), Background(), Trims()
    memory = MemoryReturn(clock, background, many=50, trim=trims)
    await leave(memory, 49)
    await clock.advance(100)
    assert trims.count == 0
    await leave(memory, 500)
    await settle()
    await clock.advance(2.9)
    assert trims.count == 0, "others are still leaving"
    await clock.advance(100)
    await background.idle()
    assert trims.count == 2
    await clock.advance(1000)
    assert trims.count == 2
    await leave(memory, 50)
    await settle()
    await clock.advance(100)
    await background.idle()
    assert trims.count == 4


async def test_who_breaks_off_has_gone_too() -> None:
    clock, background, trims = ManualClock(), Background(), Trims()
    memory = MemoryReturn(clock, background, many=1, trim=trims)
    with pytest.raises(KeyError), memory.used():
        raise KeyError
    await settle()
    await clock.advance(100)
    await background.idle()
    assert trims.count == 2
