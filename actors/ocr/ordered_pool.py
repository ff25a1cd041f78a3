"""A ``map`` whose work is done by threads, a bounded number of items ahead of whoever takes the results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 2
"""Items a thread has under way or done: one it works on, and one that waits to be taken."""


class Mapped(Protocol):
    """Built-in ``map``, or one that works ahead. Results come in the order of the items."""

    def __call__(self, function: Callable[[Item], Result], items: Iterable[Item], /) -> Iterator[Result]: ...


class OrderedPool:
    """threads: shared by all maps that are under way, which may be several, in several threads. first: what each does
    before its first item.
    """

    def __init__(self, threads: int, name: str, first: Callable[[], None] | None = None) -> None:
        self._ahead = AHEAD * threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name, initializer=first)

    def map(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Items are drawn in the caller's thread, when results are taken; no function may wait for another's result.

        Raises what the function raised, at the place of its item; what had not begun by then is given up.
        """
        under_way: deque[Future[Result]] = deque()
        try:
            for item in items:
                under_way.append(self._pool.submit(function, item))
                if len(under_way) == self._ahead:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()

    def close(self) -> None:
        """Waits for what is under way."""
        self._pool.shutdown()
