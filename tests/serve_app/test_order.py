"""What an order makes of the marker that stands: the table of every order over every standing one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cluster.errors import JobFinished, JobNotFinished, JobNotFound, NothingToRetry, RequestError
from cluster.marker import Marker, Operation, marker_of
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus
from serve_app.order import Cancellation, Deletion, Order, Retrial
from tests.serve_app.builders import ended, job_marker, job_record

RUNNING = job_record()
PARTIAL = ended(
    job_record(
        RUNNING.job_id,
        pages={
            1: PageRecord(PageStatus.COMPLETED, image="i", result_file="r"),
            2: PageRecord(PageStatus.FAILED, image="i"),
        },
    ),
    JobStatus.PARTIAL,
)
COMPLETED = ended(job_record(RUNNING.job_id, pages={1: PageRecord(PageStatus.COMPLETED, result_file="r")}))


def standing(operation: Operation, run: int = 1) -> Marker:
    return job_marker(RUNNING.job_id, operation=operation, run=run, password="p", idempotency="h")


@pytest.mark.parametrize(
    ("order", "operation", "run", "record", "expected"),
    [
        (Cancellation(), Operation.DELETE, 1, RUNNING, JobNotFound),
        (Cancellation(), Operation.CALLBACK, 1, RUNNING, JobFinished),
        (Cancellation(), None, 1, PARTIAL, JobFinished),
        (Retrial(), None, 1, RUNNING, JobNotFinished),
        (Retrial(), Operation.RUN, 1, RUNNING, JobNotFinished),
        (Retrial(), Operation.DELETE, 1, PARTIAL, JobNotFound),
        (Retrial(), Operation.CANCEL, 2, PARTIAL, JobNotFinished),
        (Retrial(), None, 1, COMPLETED, NothingToRetry),
        (Retrial(), Operation.RUN, 1, COMPLETED, NothingToRetry),
    ],
)
def test_what_is_refused(
    order: Order, operation: Operation | None, run: int, record: JobRecord, expected: type[RequestError]
) -> None:
    with pytest.raises(expected):
        order.marker(None if operation is None else standing(operation, run), record)


def test_a_cancellation_keeps_all_but_the_operation() -> None:
    for operation in (Operation.RUN, Operation.CANCEL):
        marker = Cancellation().marker(standing(operation, 2), RUNNING)
        assert marker == standing(Operation.CANCEL, 2)
    assert Cancellation().marker(None, RUNNING) == marker_of(RUNNING).ordered(Operation.CANCEL)


@pytest.mark.parametrize("operation", [Operation.RUN, Operation.CANCEL, Operation.CALLBACK])
def test_a_retry_orders_the_run_after_the_records(operation: Operation) -> None:
    """The marker of the run that has ended may still stand, when its host is about to remove it."""
    assert Retrial().marker(standing(operation), PARTIAL) == standing(Operation.RUN, run=2)
    assert Retrial("new").marker(standing(operation), PARTIAL).password == "new"
    corrected = Retrial("new").marker(standing(Operation.RUN, 2), PARTIAL)
    assert (corrected.run, corrected.password) == (2, "new"), "an order that stands takes the corrected password"
    assert Retrial().marker(standing(Operation.RUN, 2), PARTIAL) == standing(Operation.RUN, 2)
    assert Retrial("new").marker(None, PARTIAL) == replace(marker_of(PARTIAL), run=2, password="new")
    assert Retrial().marker(None, replace(PARTIAL, run=7)).run == 8


def test_a_retry_that_is_ordered_already_stands() -> None:
    ordered = standing(Operation.RUN, run=2)
    assert Retrial("p").marker(ordered, PARTIAL) == ordered


@pytest.mark.parametrize(
    ("status", "pages"),
    [
        (JobStatus.FAILED, {}),
        (JobStatus.FAILED, {1: PageRecord(PageStatus.COMPLETED, result_file="r")}),
        (JobStatus.CANCELLED, {}),
        (JobStatus.CANCELLED, {1: PageRecord(PageStatus.SKIPPED)}),
        (JobStatus.PARTIAL, {1: PageRecord(PageStatus.FAILED)}),
    ],
)
def test_what_leaves_something_to_retry(status: JobStatus, pages: dict[int, PageRecord]) -> None:
    assert Retrial().marker(None, ended(job_record(pages=pages), status)).run == 2


def test_a_cancelled_job_whose_pages_were_all_read_leaves_nothing() -> None:
    pages = {1: PageRecord(PageStatus.COMPLETED, result_file="r")}
    with pytest.raises(NothingToRetry):
        Retrial().marker(None, ended(job_record(pages=pages), JobStatus.CANCELLED))


@pytest.mark.parametrize("operation", [Operation.RUN, Operation.CANCEL, Operation.CALLBACK])
@pytest.mark.parametrize("record", [RUNNING, PARTIAL])
def test_a_deletion_replaces_everything_and_drops_the_password(operation: Operation, record: JobRecord) -> None:
    marker = Deletion().marker(standing(operation, 3), record)
    assert (marker.operation, marker.run, marker.reason) == (Operation.DELETE, 3, "user")
    assert (marker.password, marker.idempotency) == (None, "h")


def test_a_deletion_that_stands_is_left() -> None:
    ordered = standing(Operation.DELETE).deletion("retention")
    assert Deletion().marker(ordered, RUNNING) == ordered


def test_a_deletion_of_a_job_whose_marker_is_gone() -> None:
    assert Deletion().marker(None, PARTIAL) == marker_of(PARTIAL).deletion("user")


def test_what_shows_an_order() -> None:
    retry = standing(Operation.RUN, run=2)
    assert not Retrial().shown_by(PARTIAL, retry)
    assert Retrial().shown_by(replace(PARTIAL, run=2), retry)
    assert Retrial().shown_by(replace(PARTIAL, run=3), retry)
    assert not Deletion().shown_by(PARTIAL, retry)
    assert Cancellation().shown_by(ended(RUNNING, JobStatus.CANCELLED), retry)
