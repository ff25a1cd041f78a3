"""The chain of engines: what becomes of a page that the first one can't read."""

from __future__ import annotations

from dataclasses import replace

from actors.job.effects import RecognizePage, SaveResult
from actors.job.events import DocumentOpened, PageFailed, PageRecognized, PageRendered, ReplicaLost, ResultSaved
from actors.job.state import JobState, Policy
from cluster.record import ErrorInfo, PageStatus
from tests.actors.job.machine_driver import SUMMARY, Driver

FAILED = ErrorInfo("engine_failed", "it could not")


def opened(*engines: str) -> Driver:
    driver = Driver(Policy(window=2))
    driver.state = JobState(driver.policy, engines)
    driver.claim()
    driver.feed(DocumentOpened(1, 1, 1, (1,)))
    driver.feed(PageRendered(1, 1, 1, "i"))
    return driver


def test_the_first_engine_of_the_chain_reads() -> None:
    driver = Driver()
    driver.state = JobState(driver.policy, ("a", "b"))
    driver.claim()
    driver.feed(DocumentOpened(1, 1, 1, (1,)))
    assert RecognizePage(1, 1, 1, "i", engine="a") in driver.feed(PageRendered(1, 1, 1, "i"))


def test_a_page_that_an_engine_gives_up_goes_to_the_next_at_once() -> None:
    driver = opened("a", "b")
    effects = driver.feed(PageFailed(1, 1, 1, ErrorInfo("engine_failed", "repeats itself"), gave_up=True))
    assert RecognizePage(1, 1, 2, "i", engine="b") in effects
    (save,) = driver.feed(PageRecognized(1, 1, 2))
    assert save == SaveResult(1, 1, 2, "a: engine_failed, repeats itself")
    driver.feed(ResultSaved(1, 1, 2, replace(SUMMARY, engine="b", reason="a: engine_failed, repeats itself")))
    page = driver.state.job.pages[1]
    assert (page.status, page.engine, page.attempts) == (PageStatus.COMPLETED, "b", 2)
    assert page.reason == "a: engine_failed, repeats itself"


def test_every_engine_has_as_many_attempts() -> None:
    driver = opened("a", "b")
    for attempt, engine in ((1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "b")):
        (order,) = (e for e in driver.feed(PageFailed(1, 1, attempt, FAILED)) if isinstance(e, RecognizePage))
        assert (order.attempt, order.engine) == (attempt + 1, engine)
    driver.feed(PageFailed(1, 1, 6, FAILED))
    page = driver.state.job.pages[1]
    assert (page.status, page.attempts, page.error) == (PageStatus.FAILED, 6, FAILED)


def test_a_page_that_kills_one_engines_replicas_is_read_by_the_next_in_company() -> None:
    driver = opened("a", "b")
    assert RecognizePage(1, 1, 2, "i", alone=True, engine="a") in driver.feed(ReplicaLost(1, 1, 1))
    assert RecognizePage(1, 1, 3, "i", engine="b") in driver.feed(ReplicaLost(1, 1, 2))


def test_without_a_next_engine_giving_up_is_the_end() -> None:
    driver = opened("a")
    driver.feed(PageFailed(1, 1, 1, FAILED, gave_up=True))
    assert driver.state.job.pages[1].status is PageStatus.FAILED


def test_what_the_engine_itself_read_twice_counts_twice() -> None:
    driver = opened("a")
    driver.feed(PageRecognized(1, 1, 1))
    driver.feed(ResultSaved(1, 1, 1, replace(SUMMARY, attempts=2)))
    assert driver.state.job.pages[1].attempts == 2
