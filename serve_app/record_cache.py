"""Records read before, so that one that has not changed is not decoded anew: thousands of pages take a while.

Nothing is answered from here: the store is read each time, and what is kept serves only the generation that was read.
So a retry or a deletion, by whichever Ingress, shows at once.
"""

from __future__ import annotations

from cluster.blobs.port import Blob
from cluster.record import Tombstone
from serve_app.found import Found, found_in

MOST_RECORDS = 256
MOST_BYTES = 16 << 20


class RecordCache:
    """most_bytes: of the records as they are stored, which are kept; a decoded one takes about as much again."""

    def __init__(self, most_records: int = MOST_RECORDS, most_bytes: int = MOST_BYTES) -> None:
        self._most_records = most_records
        self._most_bytes = most_bytes
        self._kept: dict[str, tuple[int, Found]] = {}
        self._bytes = 0

    def found(self, name: str, blob: Blob) -> Found | Tombstone:
        """The record in the blob of that name; one for all who ask for this generation. RecordTooNew, RecordDamaged."""
        kept = self._kept.get(name)
        if kept is not None and kept[0] == blob.generation:
            self._kept[name] = self._kept.pop(name)  # the latest is the last to go
            return kept[1]
        self.forget(name)
        found = found_in(blob.data)
        if isinstance(found, Found):
            self._kept[name] = (blob.generation, found)
            self._bytes += len(found.data)
        while self._kept and (len(self._kept) > self._most_records or self._bytes > self._most_bytes):
            self.forget(next(iter(self._kept)))
        return found

    def has_ended(self, name: str) -> bool:
        """Whether the record had ended when it was last read: no host has the job, unless it was retried since."""
        kept = self._kept.get(name)
        return kept is not None and kept[1].record.terminal

    def forget(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._bytes -= len(kept[1].data)
