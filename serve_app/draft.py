"""What a submission has stored before its job is accepted: the index entry and the upload."""

from __future__ import annotations

import logging

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobError, BlobNotFound
from cluster.file_type import EXTENSIONS

_log = logging.getLogger(__name__)


class Draft:
    """hashed_key: of the submission's Idempotency-Key (``layout.key_hash``), None where it has none."""

    def __init__(self, store: BlobStore, user_email: str, job_id: str, hashed_key: str | None = None) -> None:
        self._store = store
        self._hashed_key = hashed_key or ""
        self._index = layout.index(user_email, job_id)
        self._written: list[str] = []
        self.job_id = job_id
        self.prefix = layout.job_prefix(user_email, job_id)

    async def enter(self) -> None:
        """Writes the index entry, so that nothing is stored that retention could not find.

        The entry keeps the key's hash, so that whoever removes the job finds its idempotency entry by it.
        """
        self._written.append(self._index)
        await self._store.create(self._index, self._hashed_key.encode())

    async def place(self, kind: str) -> str:
        """Writes the index entry; names the upload's blob."""
        await self.enter()
        raw = layout.raw(self.prefix, EXTENSIONS[kind])
        self._written.append(raw)
        return raw

    async def discard(self) -> None:
        """Removes what was stored, the index entry last: as long as anything stays, retention finds it by that."""
        while self._written:
            name = self._written.pop()
            try:
                await self._store.delete(name)
            except BlobNotFound:
                continue
            except BlobError as error:
                _log.warning("the rest of a refused submission is left to retention: %s: %s", name, error)
                return
