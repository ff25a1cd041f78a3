"""How many pages wait for each pool, as a host's jobs and calls tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.job.demand import SAMPLE, Demand, PagesInFlight, demand_of, pages_ahead, read_share
from actors.job.events import (
    CancelRequested,
    DocumentOpened,
    Event,
    JobClaimed,
    PageExtracted,
    PageFailed,
    PageRecognized,
    PageRendered,
    ResultSaved,
)
from actors.job.machine import step
from actors.job.state import JobState, Policy
from cluster.errors import RenderFailed
from cluster.record import ErrorInfo
from tests.actors.job.machine_driver import NOW, SUMMARY, make_record

ENGINE = "null"


def job(pages: int, *events: Event, mode: str = "ocr", window: int = 4) -> JobState:
    """Opened with so many pages, and told of the events."""
    record = replace(make_record(), options={"mode": mode})
    state = JobState(Policy(window=window), (ENGINE,))
    opened = DocumentOpened(1, 1, pages, tuple(range(1, pages + 1)))
    for event in (JobClaimed(record), opened, *events):
        state, _ = step(state, event, NOW)
    return state


def read(*pages: int) -> list[Event]:
    """A page's way, page after page."""
    return [
        event
        for page in pages
        for event in (
            PageRendered(1, page, 1, f"page_{page:03d}.png"),
            PageRecognized(1, page, 1),
            ResultSaved(1, page, 1, SUMMARY),
        )
    ]


def embedded(*pages: int) -> list[Event]:
    taken = replace(SUMMARY, source="embedded")
    return [event for page in pages for event in (PageExtracted(1, page, 1), ResultSaved(1, page, 1, taken))]


def test_all_pages_of_a_document_count_though_few_are_in_flight() -> None:
    state = job(300)
    assert state.in_flight == 4
    assert demand_of([state], PagesInFlight(drawing=4, in_flight=4)).reads == {ENGINE: 300}


def test_a_page_counts_where_it_is_until_it_is_read() -> None:
    state = job(10, PageRendered(1, 1, 1, "page_001.png"), *read(2))
    assert pages_ahead(state) == 8
    assert demand_of([state], PagesInFlight(drawing=3, reading={ENGINE: 1}, in_flight=4)).reads == {ENGINE: 9}


def test_a_page_that_failed_before_it_was_drawn_waits_no_more() -> None:
    error = ErrorInfo(RenderFailed.code, "torn")
    lost = [PageFailed(1, 1, attempt, error) for attempt in (1, 2, 3)]
    assert pages_ahead(job(3, *lost)) == 2


def test_a_born_digital_book_starts_no_engine() -> None:
    state = job(200, *embedded(*range(1, SAMPLE + 1)), mode="auto")
    assert read_share(state) == 0
    assert demand_of([state], PagesInFlight(drawing=4, in_flight=4)).reads == {ENGINE: 0}


def test_a_scan_is_known_by_its_first_pages() -> None:
    assert read_share(job(200, *read(1), mode="auto")) == 1
    assert read_share(job(200, *read(1, 3), *embedded(2, 4), mode="auto")) == 0.5


def test_before_its_first_page_nobody_knows_and_no_engine_starts() -> None:
    assert read_share(job(200, mode="auto")) == 0


@pytest.mark.parametrize(("mode", "share"), [("ocr", 1), ("text", 0)])
def test_a_mode_that_says_it_is_believed(mode: str, share: float) -> None:
    assert read_share(job(200, mode=mode)) == share


def test_what_comes_later_in_a_book_tells_of_the_rest() -> None:
    """A book with a scanned appendix: the pages just before those in flight count, not the first."""
    state = job(200, *embedded(*range(1, 21)), *read(*range(21, 60)), mode="auto")
    assert read_share(state) == 1


def test_renderers_have_to_keep_up_and_no_more() -> None:
    state = job(100)
    assert demand_of([state], PagesInFlight(drawing=4, in_flight=4)).render == 100, "they hold everything up"
    assert demand_of([state], PagesInFlight(drawing=1, in_flight=4)).render == pytest.approx(1 + 99 / 4)
    assert demand_of([state], PagesInFlight(drawing=0, in_flight=4)).render == 0, "pages wait for the engine alone"
    assert demand_of([], PagesInFlight(arranging=3, in_flight=4)).render == 3


def test_documents_count_as_a_page_for_the_renderers() -> None:
    opening, _ = step(JobState(Policy(), (ENGINE,)), JobClaimed(make_record()), NOW)
    assembling = job(1, *read(1))
    assert demand_of([opening, assembling], PagesInFlight()) == Demand(2, {})


def test_a_cancelled_job_waits_for_nobody() -> None:
    assert demand_of([job(100, CancelRequested())], PagesInFlight()) == Demand()


def test_an_engine_that_is_configured_no_more_is_not_asked_for() -> None:
    state = replace(job(5), engines=())
    assert demand_of([state], PagesInFlight(drawing=5, in_flight=5)) == Demand(5, {})


def test_hosts_add_up() -> None:
    assert Demand(1, {"a": 2}) + Demand(3, {"a": 1, "b": 5}) == Demand(4, {"a": 3, "b": 5})
