"""The Ingress of a simulation: accepts jobs and takes orders as serve_app does, over a bad network."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from cluster import layout
from cluster.blobs.port import Blob
from cluster.errors import BlobConflict, BlobError, BlobNotFound
from cluster.marker import Marker, Operation, decode_marker, encode_marker
from cluster.record import JobRecord, Tombstone, decode
from tests.actors.job.simulation.network import Connection

PAUSE_S = 0.5


class Ingress:
    def __init__(self, connection: Connection) -> None:
        self._blobs = connection

    async def accept(self, marker: Marker, pages: int) -> None:
        """The upload, then the marker. Returns once the job is accepted."""
        await self._until_done(marker.prefix + marker.document.raw_file, f"%PDF-1.7 pages {pages}".encode())
        name, data = layout.marker(marker.job_id), encode_marker(marker)
        while True:
            try:
                await self._blobs.create(name, data)
                return
            except BlobConflict:
                return  # an earlier try landed
            except BlobError:
                await asyncio.sleep(PAUSE_S)

    async def order(self, first: Marker, operation: Operation) -> None:
        """Puts the order into the marker, if the job's state still allows it."""
        name = layout.marker(first.job_id)
        while True:
            try:
                found = await self._read(name)
                record = await self._record(first)
                standing = decode_marker(found.data) if found is not None else None
                wanted = ordered(first, standing, record, operation)
                if wanted is None:
                    return
                await self._blobs.replace(name, encode_marker(wanted), found.generation if found else 0)
                return
            except BlobConflict:
                continue
            except BlobError:
                await asyncio.sleep(PAUSE_S)

    async def _until_done(self, name: str, data: bytes) -> None:
        while True:
            try:
                await self._blobs.put(name, data)
                return
            except BlobError:
                await asyncio.sleep(PAUSE_S)

    async def _record(self, marker: Marker) -> JobRecord | Tombstone | None:
        found = await self._read(layout.record(marker.prefix))
        return None if found is None else decode(found.data)

    async def _read(self, name: str) -> Blob | None:
        try:
            return await self._blobs.read(name)
        except BlobNotFound:
            return None


def ordered(
    first: Marker, standing: Marker | None, record: JobRecord | Tombstone | None, operation: Operation
) -> Marker | None:
    """The marker that shall stand; None where the order is refused or stands already.

    first: the marker that the job was accepted with. standing: the one that is there.
    """
    if isinstance(record, Tombstone) or (standing is not None and standing.operation is Operation.DELETE):
        return None
    if standing is None and record is None:
        return None  # there is no such job yet
    run = max(record.run if record else 1, standing.run if standing else 1)
    ended = record is not None and record.terminal and run == record.run
    match operation:
        case Operation.CANCEL:
            cancelled = standing is not None and standing.operation is Operation.CANCEL
            return None if ended or cancelled else replace(standing or first, operation=operation, run=run)
        case Operation.RUN:
            return replace(first, run=run + 1) if ended else None
        case _:
            return replace(standing or first, operation=operation, run=run)
