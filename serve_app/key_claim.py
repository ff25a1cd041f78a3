"""Settles whose an Idempotency-Key is: this submission's, or an earlier one's with the same request.

The entry is created, never overwritten, but for the entry of a deleted job, or of an upload that never became one and
may be gone soon: those are replaced at the generation read. After an answer that was lost the entry is read again: it
names the job whose claim landed.
"""

from __future__ import annotations

from datetime import timedelta

from cluster import layout
from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock
from cluster.errors import (
    BlobConflict,
    BlobNotFound,
    BlobThrottled,
    BlobUnavailable,
    IdempotencyConflict,
    OptionInvalid,
    Overloaded,
)
from cluster.idempotency import IdempotencyEntry, decode_entry, encode_entry, request_digest
from cluster.ids import moment_of
from cluster.marker import Marker
from cluster.options import JobOptions
from serve_app.identity import Identity
from serve_app.records import Records, Standing

MAX_LENGTH = 200
ATTEMPTS = 5
ADOPTED_WITHIN = timedelta(hours=12)
"""An upload without marker and record is taken up no later than this: retention removes it after a day."""


def checked_key(key: str | None) -> str | None:
    """The header as sent; OptionInvalid where it is empty, too long or not printable."""
    if key is not None and not (0 < len(key) <= MAX_LENGTH and key.isprintable()):
        raise OptionInvalid(f"`Idempotency-Key` must have 1 to {MAX_LENGTH} printable characters.")
    return key


class KeyClaim:
    """may_stand: this claim's entry stands in the store, or may, so that the job it names must be kept whole."""

    def __init__(self, store: BlobStore, records: Records, caller: Identity, key: str, clock: Clock) -> None:
        self._store = store
        self._records = records
        self._caller = caller
        self._clock = clock
        self._name = layout.idempotency(caller.email, key)
        self.may_stand = False

    async def settle(self, entry: IdempotencyEntry) -> tuple[Marker, Standing] | None:
        """None: the key is this submission's now. Else the earlier job with the same request, and how it stands.

        IdempotencyConflict where the key stands for another request; BlobUnavailable where it stays open.
        """
        data = encode_entry(entry)
        generation = 0
        failure: Exception = Overloaded("The Idempotency-Key is being used by several requests; try again.")
        for _ in range(ATTEMPTS):
            try:
                await self._store.replace(self._name, data, generation)
                self.may_stand = True
                return None
            except BlobConflict:
                pass
            except BlobThrottled as error:
                failure = error
            except BlobUnavailable as error:
                failure, self.may_stand = error, True
            blob = await self._read()
            if blob is None:
                generation = 0
                continue
            held = decode_entry(blob.data)
            self.may_stand = held.marker.job_id == entry.marker.job_id
            if self.may_stand:
                return None
            standing = await self._records.standing(self._caller, held.marker.job_id)
            if not self._free(held.marker, standing):
                if held.digest != entry.digest:
                    raise IdempotencyConflict
                return held.marker, standing
            generation = blob.generation
        raise failure

    async def made_of(self, upload_id: str, options: JobOptions) -> tuple[Marker, Standing] | None:
        """The job that was made of this upload under the key, and how it stands; None where there is none.

        IdempotencyConflict where it was made with other options.
        """
        blob = await self._read()
        held = None if blob is None else decode_entry(blob.data)
        if held is None or held.document is None or held.upload_id != upload_id:
            return None
        standing = await self._records.standing(self._caller, held.marker.job_id)
        if self._free(held.marker, standing):
            return None
        if request_digest(held.document, options) != held.digest:
            raise IdempotencyConflict
        return held.marker, standing

    def _free(self, marker: Marker, standing: Standing) -> bool:
        """Whether the key may be used again, since that job is gone or never was."""
        return standing is Standing.DELETED or (standing is Standing.ABSENT and self._too_old(marker))

    def _too_old(self, marker: Marker) -> bool:
        return self._clock.now() - moment_of(marker.job_id) > ADOPTED_WITHIN

    async def _read(self) -> Blob | None:
        try:
            return await self._store.read(self._name)
        except BlobNotFound:
            return None
