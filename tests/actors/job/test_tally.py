"""What ended in a host."""

from __future__ import annotations

from dataclasses import replace

from actors.job.tally import Tally
from cluster.clock import ManualClock
from cluster.record import JobRecord, JobStatus
from tests.serve_app.builders import job_record

RECORD: JobRecord = job_record()


def read(completed: int, failed: int = 0) -> JobRecord:
    return replace(RECORD, pages_completed=completed, pages_failed=failed)


async def test_pages_are_counted_and_those_of_the_last_minute() -> None:
    clock = ManualClock()
    tally = Tally(clock)
    tally.stepped(read(1), read(3))
    await clock.advance(30)
    tally.stepped(read(3), read(4, failed=1))
    tally.stepped(read(0), read(1))
    assert (tally.pages_completed, tally.pages_failed, tally.pages_a_minute) == (4, 1, 4)
    await clock.advance(30)
    assert (tally.pages_completed, tally.pages_a_minute) == (4, 2)
    await clock.advance(30)
    assert (tally.pages_completed, tally.pages_a_minute) == (4, 0)


def test_what_a_claim_found_is_not_counted_and_a_retry_takes_nothing_away() -> None:
    tally = Tally(ManualClock())
    tally.stepped(None, read(40))
    tally.stepped(read(40, failed=2), None)
    tally.stepped(read(2, failed=2), read(2, failed=0))
    tally.stepped(read(2), read(0))
    assert (tally.pages_completed, tally.pages_failed, tally.pages_a_minute) == (0, 0, 0)


def test_jobs_by_how_they_ended() -> None:
    tally = Tally(ManualClock())
    for status in (JobStatus.COMPLETED, JobStatus.COMPLETED, JobStatus.FAILED):
        tally.ended(status)
    assert (tally.jobs[JobStatus.COMPLETED], tally.jobs[JobStatus.FAILED], tally.jobs[JobStatus.PARTIAL]) == (2, 1, 0)
