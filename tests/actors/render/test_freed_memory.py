"""A child process gives memory back between pages, once it is much, and does not try at every page."""

from __future__ import annotations

from actors.render.freed_memory import FreedMemory


class Heap:
    """Of a process that takes up 100 to begin with. used: what can't be given back."""

    def __init__(self) -> None:
        self.used, self.free, self.given_back = 100, 0, 0

    def resident(self) -> int:
        return self.used + self.free

    def give_back(self) -> None:
        self.free = 0
        self.given_back += 1


def test_memory_is_given_back_once_it_is_much() -> None:
    heap = Heap()
    memory = FreedMemory(96, resident=heap.resident, give_back=heap.give_back)
    most = 0
    for _ in range(100):
        heap.free += 8
        memory.page_done()
        most = max(most, heap.resident())
    assert heap.given_back == 7
    assert most <= 196


def test_little_is_kept_for_the_next_page() -> None:
    heap = Heap()
    memory = FreedMemory(96, resident=heap.resident, give_back=heap.give_back)
    heap.free = 96
    assert not memory.page_done()
    assert heap.free == 96


def test_what_is_in_use_is_not_asked_for_at_every_page() -> None:
    heap = Heap()
    memory = FreedMemory(96, resident=heap.resident, give_back=heap.give_back)
    heap.used = 300
    assert memory.page_done()
    assert not any(memory.page_done() for _ in range(20))
    heap.free = 97
    assert memory.page_done()
    assert heap.free == 0
