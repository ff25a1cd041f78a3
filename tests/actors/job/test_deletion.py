"""The machine's way through a deletion, by event scripts: facts in, orders out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.job.deletion import condemned
from actors.job.effects import (
    AwaitCalls,
    DropWork,
    Effect,
    EmptyStore,
    SaveKind,
    SaveRecord,
    SaveTombstone,
    SettleMarker,
    Stop,
)
from actors.job.events import (
    CallsExpired,
    CancelRequested,
    DeleteRequested,
    DeletingSaved,
    DocumentOpened,
    DrainRequested,
    Event,
    MarkerSettled,
    OutputAssembled,
    OwnerFenced,
    PageRecognized,
    PageRendered,
    ReleaseSaved,
    ResultSaved,
    StoreEmptied,
    TerminalSaved,
    TombstoneFound,
    TombstoneSaved,
)
from actors.job.state import Phase
from cluster.errors import IllegalTransition
from cluster.record import JobStatus, PageRecord, PageStatus
from tests.actors.job.machine_driver import SUMMARY, Driver, make_record

SCRIPT: list[tuple[Event, Phase, list[Effect]]] = [
    (DeleteRequested(), Phase.DELETING, [DropWork(everything=True), SaveRecord(SaveKind.DELETING)]),
    (DeletingSaved(), Phase.EMPTYING, [EmptyStore(last=False)]),
    (StoreEmptied(last=False), Phase.BURYING, [SaveTombstone()]),
    (TombstoneSaved(), Phase.LINGERING, [AwaitCalls()]),
    (CallsExpired(), Phase.CLEARING, [EmptyStore(last=True)]),
    (StoreEmptied(last=True), Phase.SETTLING, [SettleMarker()]),
    (MarkerSettled(), Phase.STOPPED, [Stop()]),
]
READ: list[Event] = [PageRendered(1, 1, 1, "i"), PageRecognized(1, 1, 1), ResultSaved(1, 1, 1, SUMMARY)]


def reading(pages: int = 3) -> Driver:
    driver = Driver()
    driver.claim()
    driver.feed(DocumentOpened(1, 1, pages, tuple(range(1, pages + 1))))
    return driver


def deleting(until: Phase) -> Driver:
    driver = reading()
    for event, phase, _ in SCRIPT:
        driver.feed(event)
        if phase is until:
            return driver
    raise AssertionError(until)


@pytest.mark.parametrize("begun", [Phase.OPENING, Phase.READING, Phase.ASSEMBLING])
def test_a_deletion_step_by_step(begun: Phase) -> None:
    driver = Driver()
    driver.claim()
    if begun is not Phase.OPENING:
        driver.feed(DocumentOpened(1, 1, 1, (1,)))
    if begun is Phase.ASSEMBLING:
        for event in READ:
            driver.feed(event)
    assert driver.state.phase is begun
    for fact, phase, orders in SCRIPT:
        assert driver.feed(fact) == orders
        assert driver.state.phase is phase


def test_the_record_of_a_deletion_has_an_owner_and_no_content() -> None:
    driver = reading()
    for event in READ:
        driver.feed(event)
    driver.feed(DeleteRequested())
    job = driver.state.job
    assert (job.status, job.pages, job.outputs, job.owner) == (JobStatus.DELETING, {}, {}, "c/h/1/r")
    driver.feed(DeletingSaved())
    driver.feed(StoreEmptied(last=False))
    driver.feed(TombstoneSaved())
    assert driver.state.record is None


def test_a_claim_of_a_job_to_be_deleted_empties_at_once() -> None:
    driver = Driver()
    assert driver.claim(condemned(make_record(pages={1: PageRecord()}, recoveries=3))) == [EmptyStore(last=False)]
    assert driver.state.phase is Phase.EMPTYING


def test_a_tombstone_that_is_found_is_seen_to_its_end_without_a_claim() -> None:
    driver = Driver()
    assert driver.feed(TombstoneFound()) == [AwaitCalls()]
    for fact, phase, orders in SCRIPT[4:]:
        assert driver.feed(fact) == orders
        assert driver.state.phase is phase
    assert driver.saves == []


@pytest.mark.parametrize("phase", [Phase.DELETING, Phase.EMPTYING])
def test_a_drain_releases_the_record_as_it_is(phase: Phase) -> None:
    driver = deleting(phase)
    assert driver.feed(DrainRequested()) == [DropWork(everything=True), SaveRecord(SaveKind.RELEASE)]
    assert (driver.state.job.status, driver.state.job.owner) == (JobStatus.DELETING, "")
    assert driver.feed(DeletingSaved()) == [], "the save that was on its way"
    assert driver.feed(StoreEmptied(last=False)) == []
    assert driver.feed(ReleaseSaved()) == [Stop()]


def test_a_drain_waits_for_the_tombstone() -> None:
    driver = deleting(Phase.BURYING)
    assert driver.feed(DrainRequested()) == []
    assert driver.feed(TombstoneSaved()) == [AwaitCalls()]


@pytest.mark.parametrize("phase", [Phase.LINGERING, Phase.CLEARING])
def test_over_a_tombstone_a_drain_leaves_the_marker(phase: Phase) -> None:
    driver = deleting(phase)
    assert driver.feed(DrainRequested()) == [DropWork(everything=True), Stop()]


@pytest.mark.parametrize("phase", [Phase.DELETING, Phase.EMPTYING, Phase.BURYING])
def test_a_fenced_owner_removes_nothing_more(phase: Phase) -> None:
    assert deleting(phase).feed(OwnerFenced()) == [DropWork(everything=True), Stop()]


@pytest.mark.parametrize("phase", [phase for _, phase, _ in SCRIPT[:-1]])
def test_what_comes_too_late_changes_nothing(phase: Phase) -> None:
    driver = deleting(phase)
    before = replace(driver.state, history=())
    late = [*READ, CancelRequested(), DeleteRequested(), OutputAssembled(1, "md", 1, "x")]
    if phase is not Phase.EMPTYING:
        late.append(StoreEmptied(last=False))
    if phase is not Phase.CLEARING:
        late.append(StoreEmptied(last=True))
    for event in late:
        assert driver.feed(event) == []
    assert replace(driver.state, history=()) == before


def test_a_deletion_that_comes_at_the_end_is_for_the_next_claim() -> None:
    driver = reading(1)
    for event in READ:
        driver.feed(event)
    for name in ("md", "txt"):
        driver.feed(OutputAssembled(1, name, 1, f"result-1-1.{name}"))
    for phase in (Phase.ENDING, Phase.SETTLING):
        assert driver.state.phase is phase
        assert driver.feed(DeleteRequested()) == []
        if phase is Phase.ENDING:
            driver.feed(TerminalSaved())


def test_a_cancelled_job_can_be_deleted() -> None:
    driver = reading()
    driver.feed(PageRendered(1, 1, 1, "i"))
    driver.feed(PageRecognized(1, 1, 1))
    assert SaveRecord(SaveKind.URGENT) in driver.feed(CancelRequested())
    assert driver.feed(DeleteRequested()) == [DropWork(everything=True), SaveRecord(SaveKind.DELETING)]
    assert driver.feed(ResultSaved(1, 1, 1, SUMMARY)) == []


def test_a_deletion_does_not_begin_by_itself() -> None:
    driver = reading()
    with pytest.raises(IllegalTransition, match="StoreEmptied"):
        driver.feed(StoreEmptied(last=False))


def test_a_job_that_takes_its_hosts_down_ends_without_unfinished_pages() -> None:
    driver = Driver()
    driver.claim(make_record(pages={1: PageRecord(PageStatus.PROCESSING), 2: PageRecord()}, recoveries=3))
    assert {page.status for page in driver.state.job.pages.values()} == {PageStatus.SKIPPED}
