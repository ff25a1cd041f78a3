"""The machine by event scripts: facts in, orders out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.job.effects import (
    AssembleOutputs,
    DropWork,
    OpenDocument,
    RecognizePage,
    RenderPage,
    SaveKind,
    SaveRecord,
    SaveResult,
    SettleMarker,
    Stop,
)
from actors.job.events import (
    CancelRequested,
    DocumentOpened,
    DocumentRefused,
    DrainRequested,
    JobClaimed,
    OpeningLost,
    OutputAssembled,
    OutputFailed,
    OwnerFenced,
    PageFailed,
    PageRecognized,
    PageRendered,
    ReleaseSaved,
    ReplicaLost,
    ResultSaved,
    TerminalSaved,
)
from actors.job.machine import step
from actors.job.state import JobState, Phase, Policy, Stage
from cluster.errors import IllegalTransition
from cluster.record import ErrorInfo, JobStatus, PageRecord, PageStatus, Step
from tests.actors.job.machine_driver import NOW, SUMMARY, Driver, make_record

WORK_FAILED = ErrorInfo("engine_failed", "it could not")


def opened(pages: int, window: int = 4) -> Driver:
    driver = Driver(Policy(window=window))
    driver.claim()
    driver.feed(DocumentOpened(1, 1, pages, tuple(range(1, pages + 1))))
    return driver


def read(driver: Driver, page: int, attempt: int = 1) -> None:
    driver.feed(PageRendered(1, page, attempt, f"page_{page:03d}.png"))
    driver.feed(PageRecognized(1, page, attempt))
    driver.feed(ResultSaved(1, page, attempt, SUMMARY))


def end(driver: Driver) -> None:
    for name in ("md", "txt"):
        driver.feed(OutputAssembled(1, name, 1, f"result-1-1.{name}"))


def test_a_claim_opens_the_document() -> None:
    driver = Driver()
    assert driver.claim() == [OpenDocument(1, 1), SaveRecord()]
    assert driver.state.job.status is JobStatus.EXTRACTING
    assert driver.state.job.current_step is Step.EXTRACTING_IMAGES


def test_opening_fills_the_window_and_no_more() -> None:
    driver = Driver(Policy(window=2))
    driver.claim()
    effects = driver.feed(DocumentOpened(1, 1, 3, (1, 2, 3)))
    assert effects == [RenderPage(1, 1, 1), RenderPage(1, 2, 1), SaveRecord()]
    assert driver.state.job.file_info.total_pages == 3
    assert sorted(driver.state.job.pages) == [1, 2, 3]


def test_a_page_goes_from_rendering_to_reading_to_storing() -> None:
    driver = opened(2)
    assert driver.feed(PageRendered(1, 1, 1, "page_001.png"))[0] == RecognizePage(1, 1, 1, "page_001.png")
    assert driver.state.job.pages[1].status is PageStatus.PROCESSING
    assert driver.state.job.status is JobStatus.PROCESSING
    assert driver.feed(PageRecognized(1, 1, 1)) == [SaveResult(1, 1, 1)]
    assert driver.state.job.pages[1].status is PageStatus.PROCESSING
    driver.feed(ResultSaved(1, 1, 1, SUMMARY))
    page = driver.state.job.pages[1]
    assert (page.status, page.result_file, page.engine) == (PageStatus.COMPLETED, "page_001_result.txt", "null")


def test_percent_is_the_sum_of_extraction_and_reading() -> None:
    driver = opened(2)
    seen = [driver.state.job.percent]
    driver.feed(PageRendered(1, 1, 1, "i"))
    seen.append(driver.state.job.percent)
    driver.feed(PageRendered(1, 2, 1, "i"))
    seen.append(driver.state.job.percent)
    for page in (1, 2):
        driver.feed(PageRecognized(1, page, 1))
        driver.feed(ResultSaved(1, page, 1, SUMMARY))
        seen.append(driver.state.job.percent)
    end(driver)
    seen.append(driver.state.job.percent)
    assert seen == [10, 25, 40, 65, 90, 100]


def test_extraction_alone_is_told_apart() -> None:
    driver = opened(1)
    seen = [driver.state.job.current_step]
    driver.feed(PageRendered(1, 1, 1, "i"))
    seen.append(driver.state.job.current_step)
    assert seen == [Step.EXTRACTING_IMAGES, Step.OCR_PROCESSING]


def test_the_last_page_starts_the_assembly_and_the_outputs_end_the_job() -> None:
    driver = opened(1)
    read(driver, 1)
    assert [o for o in driver.orders if isinstance(o, AssembleOutputs)] == [
        AssembleOutputs(1, (("md", 1), ("txt", 1)), (1,), ()),
    ]
    assert driver.state.job.current_step is Step.ASSEMBLING
    end(driver)
    job = driver.state.job
    assert (job.status, job.percent, job.owner) == (JobStatus.COMPLETED, 100, "")
    assert job.outputs == {"md": "result-1-1.md", "txt": "result-1-1.txt"}
    assert driver.saves[-1] == SaveKind.TERMINAL
    assert driver.feed(TerminalSaved()) == [SettleMarker()]


def test_a_failed_attempt_is_tried_again_up_to_three_times() -> None:
    driver = opened(2)
    driver.feed(PageRendered(1, 1, 1, "i"))
    effects = driver.feed(PageFailed(1, 1, 1, WORK_FAILED))
    assert RecognizePage(1, 1, 2, "i") in effects, "its image stands, so it is not rendered again"
    driver.feed(PageFailed(1, 1, 2, WORK_FAILED))
    driver.feed(PageFailed(1, 1, 3, WORK_FAILED))
    page = driver.state.job.pages[1]
    assert (page.status, page.attempts, page.error) == (PageStatus.FAILED, 3, WORK_FAILED)
    read(driver, 2)
    end(driver)
    assert driver.state.job.status is JobStatus.PARTIAL
    assert driver.state.job.percent == 100


def test_out_of_memory_is_tried_again_alone() -> None:
    driver = opened(1)
    driver.feed(PageRendered(1, 1, 1, "i"))
    effects = driver.feed(PageFailed(1, 1, 1, ErrorInfo("engine_out_of_memory", "")))
    assert RecognizePage(1, 1, 2, "i", alone=True) in effects


def test_a_bad_page_is_not_tried_again() -> None:
    driver = opened(2)
    driver.feed(PageFailed(1, 1, 1, ErrorInfo("page_too_large", "")))
    assert driver.state.job.pages[1].status is PageStatus.FAILED
    assert driver.state.extracted == 1, "its extraction has ended, too"


def test_a_second_death_fails_the_page_alone() -> None:
    driver = opened(2)
    driver.feed(PageRendered(1, 1, 1, "i"))
    driver.feed(PageRendered(1, 2, 1, "i"))
    driver.feed(ReplicaLost(1, 1, 1))
    effects = driver.feed(ReplicaLost(1, 2, 1))
    assert RecognizePage(1, 2, 2, "i", alone=True) in effects
    driver.feed(ReplicaLost(1, 1, 2))
    assert driver.state.job.pages[1].error == ErrorInfo("engine_crashed", "Reading the page ended its replica.")
    driver.feed(PageRecognized(1, 2, 2))
    driver.feed(ResultSaved(1, 2, 2, SUMMARY))
    assert driver.state.job.pages[2].status is PageStatus.COMPLETED


def test_a_renderer_that_dies_twice_fails_the_page_as_render_crashed() -> None:
    driver = opened(2)
    assert RenderPage(1, 1, 2, alone=True) in driver.feed(ReplicaLost(1, 1, 1))
    driver.feed(ReplicaLost(1, 1, 2))
    error = driver.state.job.pages[1].error
    assert error is not None
    assert error.code == "render_crashed"


def test_announced_losses_are_free() -> None:
    driver = opened(1)
    for attempt in range(1, 10):
        driver.feed(ReplicaLost(1, 1, attempt, announced=True))
    read(driver, 1, attempt=10)
    assert driver.state.job.pages[1].attempts == 1


def test_events_of_older_attempts_and_runs_are_ignored() -> None:
    driver = opened(1)
    driver.feed(ReplicaLost(1, 1, 1))
    before = driver.state
    for late in (PageRendered(1, 1, 1, "i"), PageFailed(1, 1, 1, WORK_FAILED), PageRecognized(0, 1, 2)):
        assert driver.feed(late) == []
    assert replace(driver.state, history=()) == replace(before, history=())


def test_every_page_failed_means_ocr_failed() -> None:
    driver = opened(1)
    driver.feed(PageFailed(1, 1, 1, ErrorInfo("render_failed", "")))
    job = driver.state.job
    assert (job.status, job.current_step) == (JobStatus.FAILED, Step.OCR_FAILED)
    assert job.error is not None
    assert job.error.code == "ocr_failed"
    assert job.percent < 100


def test_a_refused_document_fails_the_job() -> None:
    driver = Driver()
    driver.claim()
    error = ErrorInfo("document_encrypted", "locked")
    assert driver.feed(DocumentRefused(1, 1, error)) == [SaveRecord(SaveKind.TERMINAL)]
    assert (driver.state.job.status, driver.state.job.error) == (JobStatus.FAILED, error)
    assert driver.state.job.current_step is Step.EXTRACTION_FAILED


def test_a_document_that_takes_its_renderer_down_twice_is_damaged() -> None:
    driver = Driver()
    driver.claim()
    assert driver.feed(OpeningLost(1, 1, announced=True)) == [OpenDocument(1, 2)]
    assert driver.feed(OpeningLost(1, 2)) == [OpenDocument(1, 3)]
    driver.feed(OpeningLost(1, 3))
    error = driver.state.job.error
    assert error is not None
    assert error.code == "document_damaged"


def test_an_output_that_fails_three_times_is_left_out() -> None:
    driver = opened(1)
    read(driver, 1)
    driver.feed(OutputAssembled(1, "txt", 1, "result-1-1.txt"))
    assert driver.feed(OutputFailed(1, "md", 1, "no")) == [AssembleOutputs(1, (("md", 2),), (1,), ())]
    driver.feed(OutputFailed(1, "md", 2, "no"))
    driver.feed(OutputFailed(1, "md", 3, "no"))
    assert driver.state.job.status is JobStatus.COMPLETED
    assert driver.state.job.outputs == {"txt": "result-1-1.txt"}
    assert driver.state.job.outputs_missing == {"md": "no"}


def test_an_output_that_fails_for_good_is_not_tried_again() -> None:
    driver = opened(1)
    read(driver, 1)
    driver.feed(OutputAssembled(1, "txt", 1, "result-1-1.txt"))
    driver.feed(OutputFailed(1, "md", 1, "There are no boxes.", final=True))
    job = driver.state.job
    assert (job.status, job.outputs_missing) == (JobStatus.COMPLETED, {"md": "There are no boxes."})


def test_outputs_that_an_earlier_owner_could_not_make_are_tried_again_and_those_it_made_stay() -> None:
    driver = opened(1)
    read(driver, 1)
    stored = replace(driver.state.job, outputs={"txt": "result-1-1.txt"}, outputs_missing={"md": "no"})
    later = Driver()
    later.claim(replace(stored, epoch=2))
    assert later.state.job.outputs_missing == {}
    later.feed(OutputAssembled(1, "md", 1, "result-1-2.md"))
    later.feed(OutputFailed(1, "txt", 1, "no", final=True))
    job = later.state.job
    assert job.status is JobStatus.COMPLETED
    assert (job.outputs, job.outputs_missing) == ({"txt": "result-1-1.txt", "md": "result-1-2.md"}, {})


def test_cancel_keeps_what_was_read_and_skips_the_rest() -> None:
    driver = opened(3)
    read(driver, 1)
    driver.feed(PageRendered(1, 2, 1, "i"))
    driver.feed(PageRecognized(1, 2, 1))
    percent = driver.state.job.percent
    effects = driver.feed(CancelRequested())
    assert effects == [DropWork(), SaveRecord(SaveKind.URGENT)], "page 2 is being stored: it is waited for"
    assert driver.state.job.current_step is Step.CANCELLED
    assert driver.state.job.pages[3].status is PageStatus.SKIPPED
    driver.feed(ResultSaved(1, 2, 1, SUMMARY))
    end(driver)
    job = driver.state.job
    assert (job.status, job.percent, job.pages_completed) == (JobStatus.CANCELLED, percent, 2)
    assert set(job.outputs) == {"md", "txt"}


def test_cancel_before_anything_was_read_ends_at_once() -> None:
    driver = Driver()
    driver.claim()
    driver.feed(CancelRequested())
    assert driver.state.phase is Phase.ENDING
    assert driver.state.job.status is JobStatus.CANCELLED
    assert driver.feed(DocumentOpened(1, 1, 3, (1, 2, 3))) == [], "the opening was dropped"


def test_a_job_claimed_with_a_cancel_order_ends_cancelled() -> None:
    driver = Driver()
    driver.claim(make_record(pages={1: PageRecord(), 2: PageRecord()}), cancelled=True)
    assert driver.state.job.status is JobStatus.CANCELLED
    assert {p.status for p in driver.state.job.pages.values()} == {PageStatus.SKIPPED}


def test_drain_releases_the_job() -> None:
    driver = opened(2)
    effects = driver.feed(DrainRequested())
    assert effects == [DropWork(), SaveRecord(SaveKind.RELEASE)]
    assert driver.state.job.owner == ""
    assert not driver.state.job.terminal
    assert driver.feed(ReleaseSaved()) == [Stop()]


@pytest.mark.parametrize("phase", [Phase.OPENING, Phase.READING, Phase.ASSEMBLING, Phase.ENDING])
def test_fenced_stops_everything(phase: Phase) -> None:
    driver = Driver()
    driver.claim()
    if phase is not Phase.OPENING:
        driver.feed(DocumentOpened(1, 1, 1, (1,)))
    if phase in (Phase.ASSEMBLING, Phase.ENDING):
        read(driver, 1)
    if phase is Phase.ENDING:
        end(driver)
    assert driver.state.phase is phase
    assert driver.feed(OwnerFenced()) == [DropWork(everything=True), Stop()]
    assert driver.feed(PageRendered(1, 1, 1, "i")) == []


def test_an_illegal_event_raises_with_the_history() -> None:
    driver = opened(1)
    with pytest.raises(IllegalTransition, match="DocumentOpened"):
        driver.feed(TerminalSaved())


def test_a_page_in_work_is_in_one_stage() -> None:
    driver = opened(6)
    stages = [work.stage for work in driver.state.work.values()]
    assert stages == [Stage.RENDERING] * 4


def test_step_changes_nothing_it_was_given() -> None:
    state = JobState(Policy())
    again = JobState(Policy())
    step(state, JobClaimed(make_record()), NOW)
    assert state == again
