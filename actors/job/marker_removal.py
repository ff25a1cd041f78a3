"""The removal of a marker, by whoever has acted on it."""

from __future__ import annotations

from actors.job.ledger import BACKOFF_S
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobError, BlobNotFound


async def remove_marker(blobs: BlobStore, clock: Clock, job_id: str, generation: int) -> bool:
    """Removes the marker at the generation last acted on, however long the store needs to answer.

    False: it says something new, for another claim to act on.
    """
    attempt = 0
    while True:
        try:
            await blobs.delete(layout.marker(job_id), generation)
        except BlobNotFound:
            return True
        except BlobConflict:
            return False
        except BlobError:
            await clock.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
            attempt += 1
        else:
            return True
