"""Orders to a running job: the marker is replaced at the generation read, then the hosts are told.

The order stands from the moment the marker does; the answer comes once the record shows it.
"""

from __future__ import annotations

from cluster import layout
from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobNotFound, BlobUnavailable, JobFinished, JobNotFound, Overloaded
from cluster.marker import Marker, Operation, decode_marker, encode_marker
from cluster.record import JobRecord, JobStatus, Step
from serve_app.background import Background
from serve_app.gateway import Gateway
from serve_app.identity import Identity
from serve_app.records import Found, Records

ANSWER_WITHIN_S = 30.0
ATTEMPTS = 10


class Orders:
    def __init__(
        self, *, store: BlobStore, gateway: Gateway, records: Records, background: Background, clock: Clock
    ) -> None:
        self._store = store
        self._gateway = gateway
        self._records = records
        self._background = background
        self._clock = clock

    async def cancel(self, caller: Identity, job_id: str) -> Found:
        """The record that shows the cancellation. It goes on even where the client goes away.

        JobNotFound; JobFinished where the job has ended or was cancelled before; Overloaded after 30 s (the order
        stands).
        """
        found = await self._records.find(caller, job_id)
        if found.record.terminal or _shows_cancellation(found.record):
            raise JobFinished
        await self._background.finish(self._order_cancellation(caller, found.record))
        return await self._shown(caller, found)

    async def _order_cancellation(self, caller: Identity, record: JobRecord) -> None:
        name = layout.marker(record.job_id)
        failure: Exception = Overloaded()
        for _ in range(ATTEMPTS):
            blob = await self._marker(name)
            if blob is None:
                record = (await self._records.find_stored(caller, record.job_id)).record
                if _shows_cancellation(record) and isinstance(failure, BlobUnavailable):
                    return  # the answer was lost, the order was not: the host has carried it out already
            marker = _marker_of(caller, record) if blob is None else decode_marker(blob.data)
            if blob is not None and _stands(marker):
                break
            order = encode_marker(marker.ordered(Operation.CANCEL))
            try:
                await self._store.replace(name, order, 0 if blob is None else blob.generation)
                break
            except BlobConflict:
                failure = Overloaded("The job's order is changing too fast; try again.")
            except BlobUnavailable as error:
                failure = error  # it may have landed: the next reading shows
        else:
            raise failure
        self._background.start(self._gateway.notify(record.job_id))

    async def _shown(self, caller: Identity, found: Found) -> Found:
        deadline = self._clock.monotonic() + ANSWER_WITHIN_S
        while not (found.record.terminal or _shows_cancellation(found.record)):
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise Overloaded("The cancellation is ordered, but no host has acted on it yet.")
            found = await self._records.changed(caller, found, left)
        if not _shows_cancellation(found.record):
            raise JobFinished  # it ended by itself before the order reached it
        return found

    async def _marker(self, name: str) -> Blob | None:
        try:
            return await self._store.read(name)
        except BlobNotFound:
            return None


def _shows_cancellation(record: JobRecord) -> bool:
    return record.status is JobStatus.CANCELLED or record.current_step is Step.CANCELLED


def _stands(marker: Marker) -> bool:
    """Whether the order stands already. Nothing replaces a deletion; a job whose callback is due has ended."""
    if marker.operation is Operation.DELETE:
        raise JobNotFound
    if marker.operation is Operation.CALLBACK:
        raise JobFinished
    return marker.operation is Operation.CANCEL


def _marker_of(caller: Identity, record: JobRecord) -> Marker:
    """A marker for a job that has none; JobFinished where that is because it has ended."""
    if record.terminal:
        raise JobFinished
    return Marker(
        job_id=record.job_id,
        operation=Operation.RUN,
        run=record.run,
        user_email=record.user_email,
        prefix=layout.job_prefix(caller.email, record.job_id),
        document=record.file_info,
        created_at=record.created_at,
        options=dict(record.options),
    )
