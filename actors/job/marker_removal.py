"""The removal of a marker, by whoever has acted on it."""

from __future__ import annotations

from functools import partial

from actors.job.patience import patiently
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobNotFound


async def remove_marker(blobs: BlobStore, clock: Clock, job_id: str, generation: int) -> bool:
    """Removes the marker at the generation last acted on, however long the store needs to answer.

    False: it says something new, for another claim to act on.
    """
    try:
        await patiently(clock, partial(blobs.delete, layout.marker(job_id), generation))
    except BlobNotFound:
        return True
    except BlobConflict:
        return False
    return True
