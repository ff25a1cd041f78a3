"""The machine under random orders, repetitions, losses, cancellations and recoveries: it always ends, and well."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.job.effects import (
    AssembleOutputs,
    Effect,
    OpenDocument,
    RecognizePage,
    RenderPage,
    SaveKind,
    SaveResult,
    SettleMarker,
)
from actors.job.events import (
    CancelRequested,
    DocumentOpened,
    DocumentRefused,
    DrainRequested,
    Event,
    MarkerSettled,
    OpeningLost,
    OutputAssembled,
    OutputFailed,
    PageExtracted,
    PageFailed,
    PageRecognized,
    PageRendered,
    ReleaseSaved,
    ReplicaLost,
    ResultSaved,
    ResultSummary,
    TerminalSaved,
)
from actors.job.state import Phase, Policy
from cluster.errors import PAGE_ERRORS
from cluster.record import ErrorInfo, JobRecord, JobStatus, PageStatus
from tests.actors.job.machine_driver import SUMMARY, Driver, make_record

CODES = sorted(PAGE_ERRORS)
EMBEDDED = replace(SUMMARY, source="embedded", engine="pymupdf")


class World:
    """Answers orders at random, and remembers what a blob store would: results, and the record last saved.

    trouble: how often (0 to 1) an answer is a failure or a loss. born_digital: the pages whose own text is taken.
    """

    def __init__(self, seed: int, pages: int, trouble: float, window: int) -> None:
        self.random = random.Random(seed)
        self.pages = tuple(range(1, pages + 1))
        self.trouble = trouble
        share = self.random.choice([0, 0.5, 1])
        self.born_digital = {page for page in self.pages if self.random.random() < share}
        self.window = window
        self.results: set[int] = set()
        self.reads: dict[int, int] = {}
        self.answered: list[Event] = []
        self.saved: JobRecord | None = None

    def claim(self) -> Driver:
        driver = Driver(Policy(window=self.window))
        record = self.saved or make_record()
        record = replace(record, owner="c/h/1/r", epoch=record.epoch + 1)
        driver.claim(record, results={page: self.summary(page) for page in self.results})
        return driver

    def summary(self, page: int) -> ResultSummary:
        return EMBEDDED if page in self.born_digital else SUMMARY

    def answer(self, effect: Effect) -> Event:
        bad = self.random.random() < self.trouble
        match effect:
            case OpenDocument(run, attempt):
                if bad:
                    return OpeningLost(run, attempt, announced=self.random.random() < 0.5)
                if self.random.random() < self.trouble / 4:
                    return DocumentRefused(run, attempt, ErrorInfo("document_damaged", ""))
                return DocumentOpened(run, attempt, len(self.pages), self.pages)
            case RenderPage(run, page, attempt):
                if bad:
                    return self._bad(run, page, attempt)
                if page in self.born_digital:
                    image = f"page_{page}.png" if self.random.random() < 0.3 else None
                    return PageExtracted(run, page, attempt, image)
                return PageRendered(run, page, attempt, f"page_{page}.png")
            case RecognizePage(run, page, attempt):
                assert page not in self.results, "no finished page is read again"
                assert page not in self.born_digital, "no engine reads a page whose own text is taken"
                return self._bad(run, page, attempt) if bad else PageRecognized(run, page, attempt)
            case SaveResult(run, page, attempt):
                self.results.add(page)
                return ResultSaved(run, page, attempt, self.summary(page))
            case AssembleOutputs(run, ((name, attempt),)):
                if bad:
                    return OutputFailed(run, name, attempt, "no")
                return OutputAssembled(run, name, attempt, f"result.{name}")
            case SettleMarker():
                return MarkerSettled()
        raise AssertionError(effect)

    def _bad(self, run: int, page: int, attempt: int) -> Event:
        if self.random.random() < 0.5:
            return ReplicaLost(run, page, attempt, announced=self.random.random() < 0.5)
        return PageFailed(run, page, attempt, ErrorInfo(self.random.choice(CODES), ""))

    def turn(self, driver: Driver) -> None:
        """One order, picked at random, is answered; sometimes an old answer comes again."""
        if self.answered and self.random.random() < 0.2:
            old = self.random.choice(self.answered)
            if not isinstance(old, MarkerSettled):
                driver.feed(old)
                return
        if driver.saves and driver.saves[-1] == SaveKind.TERMINAL and driver.state.phase is Phase.ENDING:
            self.saved = driver.state.record
            driver.feed(TerminalSaved())
            return
        if driver.state.phase is Phase.RELEASING:
            self.saved = driver.state.record
            driver.feed(ReleaseSaved())
            return
        if self.random.random() < 0.3 and driver.state.record is not None:
            self.saved = driver.state.record
        effect = driver.orders.pop(self.random.randrange(len(driver.orders)))
        if isinstance(effect, AssembleOutputs) and len(effect.formats) > 1:  # each format is answered by itself
            driver.orders += [replace(effect, formats=(one,)) for one in effect.formats]
            return
        event = self.answer(effect)
        self.answered.append(event)
        driver.feed(event)


worlds = st.builds(
    World,
    seed=st.integers(0, 2**32),
    pages=st.integers(1, 12),
    trouble=st.sampled_from([0.0, 0.1, 0.3, 0.6]),
    window=st.integers(1, 6),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds, cancel_at=st.one_of(st.none(), st.integers(0, 60)))
def test_every_job_ends_and_its_record_is_right(world: World, cancel_at: int | None) -> None:
    driver = world.claim()
    for turn in range(5000):
        if driver.stopped:
            break
        if turn == cancel_at:
            driver.feed(CancelRequested())
        world.turn(driver)
    assert driver.stopped, "the job ended"
    _check_end(world, driver.state.job)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds, crashes=st.lists(st.integers(1, 25), max_size=6), drains=st.booleans())
def test_a_job_survives_the_loss_of_its_actor_at_any_moment(world: World, crashes: list[int], drains: bool) -> None:
    driver = world.claim()
    for lifetime in crashes:
        for _ in range(lifetime):
            if driver.stopped:
                break
            world.turn(driver)
        if driver.stopped or (world.saved is not None and world.saved.terminal):
            break
        if drains and driver.state.phase in (Phase.OPENING, Phase.READING):
            driver.feed(DrainRequested())
            world.turn(driver)
        world.answered.clear()
        driver = world.claim()
    for _ in range(5000):
        if driver.stopped:
            break
        if world.saved is not None and world.saved.terminal and driver.state.phase is Phase.UNCLAIMED:
            return
        world.turn(driver)
    assert driver.stopped
    _check_end(world, driver.state.job)


def _check_end(world: World, job: JobRecord) -> None:
    assert job.terminal
    for page, record in job.pages.items():
        if record.status is PageStatus.COMPLETED:
            assert page in world.results, "a completed page has a stored result"
        if page in world.results:
            assert record.status is PageStatus.COMPLETED, "a stored result is a completed page"
    if job.status is JobStatus.COMPLETED:
        assert world.results == set(world.pages)
    if job.status is JobStatus.PARTIAL:
        assert job.pages_failed > 0
        assert job.pages_completed > 0
