"""Orders to a job that was accepted: the marker is replaced at the generation read, then the hosts are told.

The order stands from the moment the marker does; the answer comes once the record shows it.
"""

from __future__ import annotations

from cluster import layout
from cluster.blobs.port import Blob, BlobStore
from cluster.clock import Clock
from cluster.errors import BlobConflict, BlobNotFound, BlobUnavailable, JobFinished, JobNotFound, Overloaded
from cluster.marker import Marker, decode_marker, encode_marker
from cluster.record import JobRecord
from serve_app.admission import Admissions
from serve_app.background import Background
from serve_app.gateway import Gateway
from serve_app.identity import Identity
from serve_app.live_job import POLL_S
from serve_app.order import Cancellation, Deletion, Order, Retrial, shows_cancellation
from serve_app.records import Found, Records

ANSWER_WITHIN_S = 30.0
ATTEMPTS = 10


class Orders:
    """Whatever is ordered is ordered to the end, even where the client goes away.

    Every order raises JobNotFound, and Overloaded where no host has acted on it after 30 s: it stands all the same.
    """

    def __init__(
        self,
        *,
        store: BlobStore,
        gateway: Gateway,
        records: Records,
        background: Background,
        clock: Clock,
        admissions: Admissions,
    ) -> None:
        self._admissions = admissions
        self._store = store
        self._gateway = gateway
        self._records = records
        self._background = background
        self._clock = clock

    async def cancel(self, caller: Identity, job_id: str) -> Found:
        """The record that shows the cancellation. JobFinished where the job has ended or was cancelled before."""
        order = Cancellation()
        found = await self._records.find(caller, job_id)
        if found.record.terminal or shows_cancellation(found.record):
            raise JobFinished
        marker = await self._background.finish(self._give(caller, found.record, order))
        deadline = self._deadline()
        while not (found.record.terminal or order.shown_by(found.record, marker)):
            found = await self._records.changed(caller, found, self._left(deadline, "cancellation"))
        if not order.shown_by(found.record, marker):
            raise JobFinished  # it ended by itself before the order reached it
        return found

    async def retry(self, caller: Identity, job_id: str, password: str | None) -> Found:
        """The record in its next run. JobNotFinished; NothingToRetry where every page was read.

        It needs a place among the caller's jobs, as a new one does: TooManyJobs, QuotaExceeded.
        """
        order = Retrial(password)
        found = await self._records.find(caller, job_id)
        if caller.limits.counted:
            order.marker(None, found.record)  # what the job does not allow is told before what the limits don't
        if (refusal := await self._admissions.ask(caller, job_id)) is not None:
            raise refusal
        marker = await self._background.finish(self._retried(caller, found.record, order))
        deadline = self._deadline()
        while not order.shown_by(found.record, marker):
            found = await self._records.changed(caller, found, self._left(deadline, "retry"))
        return found

    async def _retried(self, caller: Identity, record: JobRecord, order: Retrial) -> Marker:
        try:
            marker = await self._give(caller, record, order)
        except BaseException:
            self._admissions.release(caller, record.job_id)
            raise
        self._admissions.begun(caller, record.job_id)
        return marker

    async def delete(self, caller: Identity, job_id: str) -> None:
        """Returns once the deletion is durable: nobody finds the job any more, whatever dies."""
        found = await self._records.find(caller, job_id)
        await self._background.finish(self._deleted(caller, found.record))
        deadline = self._deadline()
        while True:
            left = self._left(deadline, "deletion")
            try:
                found = await self._records.changed(caller, found, left)
            except JobNotFound:
                # A marker alone hides a job that has no record yet, but a host may be about to store its first.
                if await self._records.deleted(caller, job_id):
                    return
                await self._clock.sleep(min(POLL_S, left))

    async def _deleted(self, caller: Identity, record: JobRecord) -> None:
        await self._give(caller, record, Deletion())
        self._admissions.deleted(caller, record)

    async def _give(self, caller: Identity, record: JobRecord, order: Order) -> Marker:
        """Writes the order and tells the hosts; the marker that stands then, or last did."""
        name = layout.marker(record.job_id)
        marker: Marker | None = None
        failure: Exception = Overloaded()
        for _ in range(ATTEMPTS):
            blob = await self._marker(name)
            standing = None if blob is None else decode_marker(blob.data)
            if blob is None:
                record = (await self._records.find_stored(caller, record.job_id)).record
                if marker is not None and isinstance(failure, BlobUnavailable) and order.shown_by(record, marker):
                    return marker  # the answer was lost, the order was not: the host has carried it out already
            marker = order.marker(standing, record)
            if marker == standing:
                break
            try:
                await self._store.replace(name, encode_marker(marker), 0 if blob is None else blob.generation)
                break
            except BlobConflict:
                failure = Overloaded("The job's order is changing too fast; try again.")
            except BlobUnavailable as error:
                failure = error  # it may have landed: the next reading shows
        else:
            raise failure
        self._background.start(self._gateway.notify(record.job_id))
        return marker

    def _deadline(self) -> float:
        return self._clock.monotonic() + ANSWER_WITHIN_S

    def _left(self, deadline: float, what: str) -> float:
        left = deadline - self._clock.monotonic()
        if left <= 0:
            raise Overloaded(f"The {what} is ordered, but no host has acted on it yet.")
        return left

    async def _marker(self, name: str) -> Blob | None:
        try:
            return await self._store.read(name)
        except BlobNotFound:
            return None
