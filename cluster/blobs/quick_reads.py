"""Reads without a thread, of small blobs that were read a moment ago: they are in memory, and a thread takes longer to
wake than such a read takes.

It is a wager on the file system, so it is watched: after a read that took long, all go through threads for a while.
"""

from __future__ import annotations

from collections.abc import Callable

from cluster.blobs.port import Blob
from cluster.clock import Clock

HOT_S = 1.0
"""So long after a read a blob is taken to be in memory."""
MOST_BYTES = 256 << 10
MOST_BLOBS = 256
SLOW_S = 0.005
"""What no read of memory takes, but on a busy machine."""
REST_S = 10.0


class QuickReads:
    """read: blocks; OSError where there is no blob of that name."""

    def __init__(self, read: Callable[[bytes], Blob], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._read_at: dict[bytes, float] = {}  # the latest last
        self._rests_until = float("-inf")

    def read(self, name: bytes) -> Blob | None:
        """The blob as it is now; None where a thread is to read it. Raises what ``read`` does."""
        begun = self._clock.monotonic()
        if begun - self._read_at.get(name, float("-inf")) > HOT_S or begun < self._rests_until:
            return None
        try:
            blob = self._read(name)
        finally:
            if self._clock.monotonic() - begun > SLOW_S:
                self._rests_until = self._clock.monotonic() + REST_S
        self.note(name, blob)
        return blob

    def note(self, name: bytes, blob: Blob) -> None:
        """It has just been read."""
        self._read_at.pop(name, None)
        if len(blob.data) > MOST_BYTES:
            return
        self._read_at[name] = self._clock.monotonic()
        if len(self._read_at) > MOST_BLOBS:
            del self._read_at[next(iter(self._read_at))]
