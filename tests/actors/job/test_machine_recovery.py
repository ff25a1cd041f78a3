"""The machine when a job is taken up again: after a loss, or for another run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.job.claiming import open_run, taken_up
from actors.job.effects import OpenDocument, RenderPage, SaveRecord
from actors.job.events import DocumentOpened, PageFailed, PageRendered
from actors.job.state import Phase
from cluster.marker import Marker, Operation
from cluster.record import ErrorInfo, FileInfo, JobStatus, PageRecord, PageStatus, Step
from tests.actors.job.machine_driver import JOB, NOW, SUMMARY, Driver, make_record

WORK_FAILED = ErrorInfo("engine_failed", "it could not")


def test_recovery_takes_stored_results_and_runs_the_rest() -> None:
    failed = PageRecord(PageStatus.FAILED, error=WORK_FAILED, attempts=3)
    pages = {1: PageRecord(PageStatus.PROCESSING, image="i", attempts=1), 2: failed, 3: PageRecord(), 4: PageRecord()}
    driver = Driver()
    effects = driver.claim(make_record(pages=pages), results={1: SUMMARY, 3: SUMMARY})
    assert effects == [RenderPage(1, 4, 1), SaveRecord()]
    assert driver.state.job.pages[1].status is PageStatus.COMPLETED
    assert driver.state.job.pages[2] == failed
    assert driver.state.job.pages_completed == 2


def test_attempts_go_on_from_the_record() -> None:
    driver = Driver()
    effects = driver.claim(make_record(pages={1: PageRecord(PageStatus.PROCESSING, image="i", attempts=2)}))
    assert RenderPage(1, 1, 3) in effects, "the new owner renders again: it has neither pixels nor sizes"
    driver.feed(PageRendered(1, 1, 3, "i"))
    assert driver.state.job.pages_extracted == 1
    driver.feed(PageFailed(1, 1, 3, WORK_FAILED))
    assert driver.state.job.pages[1].status is PageStatus.FAILED


def test_recovery_with_every_page_read_assembles_at_once() -> None:
    driver = Driver()
    driver.claim(make_record(pages={1: PageRecord(PageStatus.PROCESSING)}), results={1: SUMMARY})
    assert driver.state.phase is Phase.ASSEMBLING


def test_a_job_that_did_not_move_in_three_recoveries_fails() -> None:
    driver = Driver()
    driver.claim(make_record(recoveries=3))
    error = driver.state.job.error
    assert error is not None
    assert error.code == "recovery_failed"


def test_recoveries_are_forgotten_once_the_job_moves() -> None:
    driver = Driver()
    driver.claim(make_record(recoveries=2))
    assert driver.state.job.recoveries == 2
    driver.feed(DocumentOpened(1, 1, 1, (1,)))
    assert driver.state.job.recoveries == 0


def test_a_retry_opens_the_next_run_with_finished_pages_kept() -> None:
    done = PageRecord(PageStatus.COMPLETED, result_file="page_001_result.txt")
    pages = {1: done, 2: PageRecord(PageStatus.FAILED, image="i", error=WORK_FAILED, attempts=3)}
    ended = replace(make_record(pages=pages), status=JobStatus.PARTIAL, percent=100, pages_completed=1, pages_failed=1)
    record = open_run(ended, 2)
    driver = Driver()
    effects = driver.claim(record)
    assert effects == [RenderPage(2, 2, 1), SaveRecord()]
    assert driver.state.job.pages[1] == done
    assert driver.state.job.percent < 100
    assert open_run(record, 2) == record, "a run that is open already stays as it is"


def test_a_failed_job_is_opened_afresh() -> None:
    pages = {1: PageRecord(PageStatus.COMPLETED, image="i", result_file="page_001_result.txt"), 2: PageRecord()}
    skipped = {**pages, 2: PageRecord(PageStatus.SKIPPED)}
    error = ErrorInfo("recovery_failed", "it took its host down")
    record = replace(
        make_record(pages=skipped, recoveries=3), status=JobStatus.FAILED, percent=40, pages_completed=1, error=error
    )
    opened = open_run(record, 2)
    assert (opened.pages, opened.recoveries, opened.error, opened.pages_completed) == ({}, 0, None, 0)
    driver = Driver()
    assert driver.claim(opened, results={1: SUMMARY}) == [OpenDocument(2, 1), SaveRecord()]
    effects = driver.feed(DocumentOpened(2, 1, 2, (1, 2)))
    assert effects == [RenderPage(2, 2, 1), SaveRecord()], "what was read is taken, wherever the last run ended"


def test_a_run_is_opened_as_a_job_that_has_not_begun() -> None:
    ended = replace(make_record(), status=JobStatus.CANCELLED, current_step=Step.CANCELLED, percent=5)
    opened = open_run(ended, 2)
    assert (opened.status, opened.current_step, opened.percent) == (JobStatus.EXTRACTING, Step.EXTRACTING_IMAGES, 0)


def marker(operation: Operation, run: int = 1) -> Marker:
    return Marker(JOB, operation, run, "a@b.c", "users/x/jobs/y/", FileInfo("a.pdf", "pdf", 0, "raw", 1), NOW)


def test_a_claim_writes_what_the_marker_orders() -> None:
    running = make_record(recoveries=1)
    assert taken_up(running, marker(Operation.RUN), blamed=False) == running
    assert taken_up(running, marker(Operation.CANCEL), blamed=True).recoveries == 2
    ended = replace(running, status=JobStatus.CANCELLED, owner="")
    again = taken_up(ended, marker(Operation.RUN, run=2), blamed=False)
    assert (again.run, again.terminal, again.recoveries) == (2, False, 0)


@pytest.mark.parametrize("operation", [Operation.RUN, Operation.CANCEL, Operation.DELETE])
def test_a_claim_of_a_job_that_is_being_deleted_goes_on_with_that(operation: Operation) -> None:
    ended = replace(make_record(pages={1: PageRecord()}), status=JobStatus.COMPLETED, percent=100)
    deleting = taken_up(ended, marker(Operation.DELETE), blamed=False)
    assert (deleting.status, deleting.pages) == (JobStatus.DELETING, {})
    assert taken_up(deleting, marker(operation, run=2), blamed=True) == deleting


def test_a_completed_page_names_the_run_in_which_it_was_completed() -> None:
    driver = Driver()
    done = PageRecord(PageStatus.COMPLETED, result_file="page_001_result.txt", run=1)
    driver.claim(make_record(run=2, pages={1: done, 2: PageRecord(), 3: PageRecord()}), results={2: SUMMARY})
    assert [page.run for page in driver.state.job.pages.values()] == [1, 2, None], "found, but not shown before"


def test_pages_of_a_job_that_is_opened_afresh_keep_the_run_of_their_results() -> None:
    driver = Driver()
    driver.claim(make_record(run=2, pages={}), results={1: SUMMARY, 2: replace(SUMMARY, run=2)})
    driver.feed(DocumentOpened(2, 1, 3, (1, 2, 3)))
    assert [page.run for page in driver.state.job.pages.values()] == [1, 2, None]


def test_a_job_that_takes_its_hosts_down_keeps_the_pages_that_were_read() -> None:
    driver = Driver()
    pages = {1: PageRecord(PageStatus.COMPLETED, result_file="page_001_result.txt", run=1), 2: PageRecord()}
    driver.claim(make_record(pages=pages, recoveries=3), results={1: SUMMARY})
    assert [page.status for page in driver.state.job.pages.values()] == [PageStatus.COMPLETED, PageStatus.SKIPPED]
    assert (driver.state.job.status, driver.state.job.pages_completed) == (JobStatus.FAILED, 1)


def test_a_result_that_the_record_does_not_tell_of_shows_that_the_job_has_moved() -> None:
    """Its last owner stored it, and was lost before the record: of three losses only that one counts."""
    driver = Driver()
    pages = {1: PageRecord(PageStatus.PROCESSING), 2: PageRecord()}
    driver.claim(make_record(pages=pages, recoveries=3), results={1: SUMMARY})
    assert (driver.state.phase, driver.state.job.recoveries) == (Phase.READING, 1)
