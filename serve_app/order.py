"""What each order makes of the marker that stands. Pure: what was read comes in, the marker to be written goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from cluster.audit import Reason
from cluster.errors import JobFinished, JobNotFinished, JobNotFound, NothingToRetry
from cluster.marker import Marker, Operation, marker_of
from cluster.record import JobRecord, JobStatus, PageStatus, Step


class Order(Protocol):
    def marker(self, standing: Marker | None, record: JobRecord) -> Marker:
        """The marker that says the order, which is ``standing`` itself where that says it already.

        record: as last stored. Raises a StateConflict where the job does not allow the order, JobNotFound where it is
        being deleted: nothing replaces that.
        """

    def shown_by(self, record: JobRecord, marker: Marker) -> bool:
        """Whether the record shows that the order in ``marker`` is carried out, or was."""


class Cancellation:
    """End the job with what was read. JobFinished where it has ended, or its callback is due."""

    def marker(self, standing: Marker | None, record: JobRecord) -> Marker:
        if standing is None:
            if record.terminal:
                raise JobFinished
            standing = marker_of(record)
        match standing.operation:
            case Operation.DELETE:
                raise JobNotFound
            case Operation.CALLBACK:
                raise JobFinished
        return standing.ordered(Operation.CANCEL)

    def shown_by(self, record: JobRecord, marker: Marker) -> bool:
        return shows_cancellation(record)


@dataclass(frozen=True, slots=True)
class Retrial:
    """Read again, in the next run, what was not read. password: of the document, where it needs one.

    JobNotFinished while the job runs; NothingToRetry where every page was read. A callback that is still due is dropped
    for that of the next run.
    """

    password: str | None = None

    def marker(self, standing: Marker | None, record: JobRecord) -> Marker:
        if not record.terminal:
            raise JobNotFinished
        if not _leaves_something(record):
            raise NothingToRetry
        if standing is None:
            standing = marker_of(record)
        match standing.operation:
            case Operation.DELETE:
                raise JobNotFound
            case Operation.CANCEL if standing.run > record.run:
                raise JobNotFinished("A retry of the job is being cancelled; try again.")
            case Operation.RUN if standing.run > record.run:
                return self._with_password(standing)  # ordered before: this password may be the right one
        return self._with_password(replace(standing, operation=Operation.RUN, run=record.run + 1))

    def _with_password(self, marker: Marker) -> Marker:
        return marker if self.password is None else replace(marker, password=self.password)

    def shown_by(self, record: JobRecord, marker: Marker) -> bool:
        return record.run >= marker.run


class Deletion:
    """Remove the job and all that belongs to it."""

    def marker(self, standing: Marker | None, record: JobRecord) -> Marker:
        if standing is not None and standing.operation is Operation.DELETE:
            return standing
        return (standing or marker_of(record)).deletion(Reason.USER)

    def shown_by(self, record: JobRecord, marker: Marker) -> bool:
        return False  # a record that is shown is none of a deleted job


def shows_cancellation(record: JobRecord) -> bool:
    return record.status is JobStatus.CANCELLED or record.current_step is Step.CANCELLED


def _leaves_something(record: JobRecord) -> bool:
    """Whether a retry has anything to do: after a failure, or a cancellation before the pages were known, as well."""
    if record.status is JobStatus.FAILED or not record.pages:
        return True
    return any(page.status in (PageStatus.FAILED, PageStatus.SKIPPED) for page in record.pages.values())
