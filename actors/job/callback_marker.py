"""The marker that says that a job's callback is due: written over the one that was acted on, released, removed.

It names its deliverer as a record names its owner, and is taken over by the same rules: so one host delivers, and
nobody claims the record of a job that has ended.
"""

from __future__ import annotations

from functools import partial

from actors.job.callback import Callback
from actors.job.patience import patiently
from cluster import layout
from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobCorrupt, BlobNotFound
from cluster.marker import Marker, Operation, decode_marker, encode_marker
from cluster.record import JobRecord


async def owe_callback(
    blobs: BlobStore, clock: Clock, marker: Marker, generation: int, record: JobRecord, deliverer: str
) -> Callback | None:
    """Writes that the callback of the record's run is due, over the marker at the generation last acted on.

    deliverer: ``<cluster>/<host name>/<incarnation>/<random>``, of this writing alone. None: the marker says something
    else by now, for others to act on. Waits for the store as long as it takes.
    """
    name, data = layout.marker(marker.job_id), encode_marker(marker.callback(record.run, deliverer))
    try:
        written = await patiently(clock, partial(blobs.replace, name, data, generation))
    except BlobConflict:
        found = await _read_or_none(blobs, clock, name)
        if found is None or found.data != data:  # else it is our own, whose answer was lost
            return None
        written = found.generation
    return callback_of(marker, record, written)


def callback_of(marker: Marker, record: JobRecord, generation: int) -> Callback:
    url = marker.job_options.callback_url
    assert url is not None, "no callback was asked for"
    return Callback(marker.job_id, marker.prefix, url, record.run, record.updated_at, generation)


async def release_callback(blobs: BlobStore, callback: Callback) -> None:
    """Any host may deliver it at once. BlobError where that could not be said: then the host is seen to stand still."""
    name = layout.marker(callback.job_id)
    found = await blobs.read(name)
    if found.generation == callback.generation:
        marker = decode_marker(found.data)
        if marker.operation is Operation.CALLBACK:
            await blobs.replace(name, encode_marker(marker.callback(marker.run, "")), found.generation)


async def _read_or_none(blobs: BlobStore, clock: Clock, name: str) -> Blob | None:
    try:
        return await patiently(clock, partial(blobs.read, name))
    except (BlobNotFound, BlobCorrupt):
        return None
