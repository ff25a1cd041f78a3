"""The machine and pages whose embedded text is taken in place of OCR."""

from __future__ import annotations

from dataclasses import replace

from actors.job.effects import RenderPage, SaveRecord, SaveResult
from actors.job.events import (
    CancelRequested,
    DocumentOpened,
    OutputAssembled,
    PageExtracted,
    PageFailed,
    PageRecognized,
    PageRendered,
    ResultSaved,
    ResultSummary,
)
from actors.job.state import Policy, Stage
from cluster.record import ErrorInfo, JobStatus, PageRecord, PageStatus, Step
from tests.actors.job.machine_driver import NOW, SUMMARY, Driver, make_record

EMBEDDED_SUMMARY = ResultSummary("embedded", "pymupdf", "1", 1.0, 0, 0)
BEING_STORED = PageRecord(PageStatus.PROCESSING, processing_started_at=NOW, source="embedded", attempts=1)
"""As a record shows it whose owner was lost before the page's result was stored, or before it said so."""


def opened(pages: int) -> Driver:
    driver = Driver(Policy(window=4))
    driver.claim()
    driver.feed(DocumentOpened(1, 1, pages, tuple(range(1, pages + 1))))
    return driver


def test_a_page_whose_own_text_is_taken_goes_from_rendering_to_storing() -> None:
    driver = opened(2)
    assert driver.feed(PageExtracted(1, 1, 1)) == [SaveResult(1, 1, 1), SaveRecord()]
    job, page = driver.state.job, driver.state.job.pages[1]
    assert (page.status, page.image, page.image_extracted_at, page.source) == (
        PageStatus.PROCESSING,
        None,
        None,
        "embedded",
    )
    assert (page.processing_started_at, page.attempts) == (NOW, 1)
    assert (job.pages_extracted, job.status, job.current_step) == (1, JobStatus.PROCESSING, Step.OCR_PROCESSING)
    driver.feed(ResultSaved(1, 1, 1, EMBEDDED_SUMMARY))
    page = driver.state.job.pages[1]
    assert (page.status, page.image, page.source, page.engine) == (PageStatus.COMPLETED, None, "embedded", "pymupdf")
    driver.feed(PageRendered(1, 2, 1, "page_002.png"))
    driver.feed(PageRecognized(1, 2, 1))
    driver.feed(ResultSaved(1, 2, 1, SUMMARY))
    assert (driver.state.job.pages_extracted, driver.state.job.pages_completed) == (2, 2)
    for name in ("md", "txt"):
        driver.feed(OutputAssembled(1, name, 1, f"result-1-1.{name}"))
    assert driver.state.job.status is JobStatus.COMPLETED


def test_percent_counts_extracted_pages_as_rendered_ones() -> None:
    driver = opened(2)
    seen = [driver.state.job.percent]
    for page in (1, 2):
        driver.feed(PageExtracted(1, page, 1))
        seen.append(driver.state.job.percent)
        driver.feed(ResultSaved(1, page, 1, EMBEDDED_SUMMARY))
        seen.append(driver.state.job.percent)
    assert seen == [10, 25, 50, 65, 90]


def test_an_extracted_page_of_an_encrypted_document_has_its_image() -> None:
    driver = opened(1)
    driver.feed(PageExtracted(1, 1, 1, "page_001.png"))
    driver.feed(ResultSaved(1, 1, 1, replace(EMBEDDED_SUMMARY, image="page_001.png")))
    page = driver.state.job.pages[1]
    assert (page.image, page.image_extracted_at, page.source) == ("page_001.png", NOW, "embedded")
    assert driver.state.job.pages_extracted == 1


def test_an_extraction_that_comes_late_or_twice_is_ignored() -> None:
    driver = opened(2)
    driver.feed(PageExtracted(1, 1, 1))
    for event in (PageExtracted(1, 1, 1), PageExtracted(1, 2, 2), PageExtracted(2, 2, 1), PageRendered(1, 1, 1, "i")):
        assert driver.feed(event) == []
    assert driver.state.work[1].stage is Stage.SAVING
    assert driver.state.job.pages_extracted == 1


def test_a_page_that_is_being_stored_survives_a_cancellation_without_an_image() -> None:
    driver = opened(3)
    driver.feed(PageExtracted(1, 1, 1))
    driver.feed(CancelRequested())
    driver.feed(ResultSaved(1, 1, 1, EMBEDDED_SUMMARY))
    assert [page.status for page in driver.state.job.pages.values()] == [
        PageStatus.COMPLETED,
        PageStatus.SKIPPED,
        PageStatus.SKIPPED,
    ]


def test_recovery_takes_a_stored_text_without_an_image() -> None:
    driver = Driver()
    driver.claim(make_record(pages={1: BEING_STORED, 2: PageRecord()}), results={1: EMBEDDED_SUMMARY})
    page = driver.state.job.pages[1]
    assert (page.status, page.image, page.source) == (PageStatus.COMPLETED, None, "embedded")
    assert (driver.state.job.pages_extracted, driver.state.job.pages_completed) == (1, 1)


def test_a_text_whose_storing_was_lost_is_taken_again_and_counted_once() -> None:
    driver = Driver()
    effects = driver.claim(make_record(pages={1: BEING_STORED}))
    assert RenderPage(1, 1, 2) in effects
    assert driver.state.job.pages_extracted == 1
    driver.feed(PageExtracted(1, 1, 2))
    driver.feed(ResultSaved(1, 1, 2, EMBEDDED_SUMMARY))
    assert (driver.state.job.pages_extracted, driver.state.job.percent) == (1, 90)


def test_a_page_that_is_for_ocr_the_second_time_says_so() -> None:
    """Another version of the rule may judge otherwise."""
    driver = Driver()
    driver.claim(make_record(pages={1: BEING_STORED, 2: PageRecord()}))
    driver.feed(PageRendered(1, 1, 2, "page_001.png"))
    assert (driver.state.job.pages[1].source, driver.state.job.pages_extracted) == (None, 1)
    driver.feed(PageFailed(1, 1, 2, ErrorInfo("engine_failed", "it could not"), gave_up=True))
    assert driver.state.job.pages[1].status is PageStatus.FAILED
