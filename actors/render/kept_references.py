"""The last published references to pixels, kept alive a little longer than the reply that carries them.

Ray loses a few references in a thousand when the reply that carries them is the only thing that holds them.
"""

from __future__ import annotations

from collections import deque
from typing import Any


class KeptReferences:
    """count: most references kept. limit_bytes: most bytes they may stand for."""

    def __init__(self, count: int, limit_bytes: int) -> None:
        self._count = count
        self._limit = limit_bytes
        self._kept: deque[tuple[Any, int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, reference: Any, size: int) -> None:
        """size: bytes. The newest is kept even if it alone is above the limit."""
        self._kept.append((reference, size))
        self._bytes += size
        while len(self._kept) > max(1, self._count) or (self._bytes > self._limit and len(self._kept) > 1):
            self._bytes -= self._kept.popleft()[1]

    def clear(self) -> None:
        self._kept.clear()
        self._bytes = 0
