"""The machine when a job is taken up again: after a loss, or for another run."""

from __future__ import annotations

from dataclasses import replace

from actors.job.claiming import open_run
from actors.job.effects import RenderPage, SaveRecord
from actors.job.events import DocumentOpened, PageFailed, PageRendered
from actors.job.state import Phase
from cluster.record import ErrorInfo, JobStatus, PageRecord, PageStatus
from tests.actors.job.machine_driver import SUMMARY, Driver, make_record

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
