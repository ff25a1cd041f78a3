"""When a child process gives back what its pages have left behind: between two of them, and once it is much.

Pages of all sizes leave the heap in pieces, of which no page takes all again, so that a process comes to hold far more
than it needs. Some of it is kept, for the next page mostly wants it.
"""

from __future__ import annotations

from collections.abc import Callable

from actors.render.child_start import resident_bytes
from cluster.freed_memory import trim

KEPT_BYTES = 96 << 20


class FreedMemory:
    """kept_bytes: how much more than at its start, or than what it is left with, the process may take up between pages.

    resident: bytes that it takes now. give_back: takes milliseconds, which is too long for every page.
    """

    def __init__(
        self,
        kept_bytes: int = KEPT_BYTES,
        *,
        resident: Callable[[], int] = resident_bytes,
        give_back: Callable[[], None] = trim,
    ) -> None:
        self._kept_bytes = kept_bytes
        self._resident = resident
        self._give_back = give_back
        self._most = resident() + kept_bytes

    def page_done(self) -> bool:
        """Whether memory was given back."""
        if self._resident() <= self._most:
            return False
        self._give_back()
        self._most = max(self._most, self._resident() + self._kept_bytes)  # what is in use can't be given back
        return True
