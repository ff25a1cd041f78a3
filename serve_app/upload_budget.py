"""Bytes in flight over all uploads of this replica.

The server in front buffers request bodies without bound and has no switch for it, so memory is bounded at the door:
an upload reserves its Content-Length (or the most it may become) before its first byte is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cluster.errors import Overloaded

RETRY_AFTER_S = 5


class UploadBudget:
    def __init__(self, limit: int) -> None:
        """limit: bytes."""
        self._limit = limit
        self._reserved = 0

    @property
    def limit(self) -> int:
        """Bytes."""
        return self._limit

    @property
    def reserved(self) -> int:
        """Bytes."""
        return self._reserved

    @contextmanager
    def reserve(self, size: int) -> Iterator[None]:
        """Holds ``size`` bytes of the budget; Overloaded where they don't fit into it now."""
        if self._reserved + size > self._limit:
            raise Overloaded("Too many uploads are under way; try again.", retry_after_s=RETRY_AFTER_S)
        self._reserved += size
        try:
            yield
        finally:
            self._reserved -= size
