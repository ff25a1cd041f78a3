"""The machine and its store under random orders, drains, crashes and late writes: what is deleted stays deleted."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.job.claiming import taken_up
from actors.job.effects import (
    AssembleOutputs,
    AwaitCalls,
    Effect,
    EmptyStore,
    RenderPage,
    SaveResult,
    SaveTombstone,
    SettleMarker,
)
from actors.job.events import (
    CallsExpired,
    CancelRequested,
    DeleteRequested,
    DeletingSaved,
    DrainRequested,
    Event,
    MarkerSettled,
    ReleaseSaved,
    StoreEmptied,
    TerminalSaved,
    TombstoneFound,
    TombstoneSaved,
)
from actors.job.machine import DELETION_EVENTS, WORK_EVENTS
from actors.job.state import Phase, Policy
from cluster.marker import Marker, Operation
from cluster.record import FileInfo, JobRecord, JobStatus
from tests.actors.job.machine_driver import JOB, NOW, SUMMARY, Driver, make_record
from tests.actors.job.test_machine_properties import World

MARKER = Marker(JOB, Operation.RUN, 1, "a@b.c", "users/x/jobs/y/", FileInfo("a.pdf", "pdf", 0, "raw", 1), NOW)
SAVED: dict[Phase, Event] = {
    Phase.ENDING: TerminalSaved(),
    Phase.RELEASING: ReleaseSaved(),
    Phase.DELETING: DeletingSaved(),
}
"""The phases in which the record is awaited, and what is told once it is stored."""


class Store(World):
    """A world with a marker, a record or tombstone, and blobs; and calls whose caller is gone, which land late.

    marker: None once removed. acted: the marker that the present owner acts on. gone: the deletion was answered.
    blobs: what stands beside the page results. late: calls that may still write.
    """

    def __init__(self, seed: int, pages: int, trouble: float, window: int) -> None:
        super().__init__(seed, pages, trouble, window)
        self.marker: Marker | None = MARKER
        self.acted = MARKER
        self.tombstone = False
        self.gone = False
        self.blobs: set[str] = set()
        self.late: list[Effect] = []
        self.driver = self.taken_up()

    # ------------------------------------------------------------ what a host does

    def taken_up(self) -> Driver:
        """A host meets the marker, as the verdict has it."""
        assert self.marker is not None
        self.acted = self.marker
        self.answered.clear()
        driver = Driver(Policy(window=self.window))
        if self.tombstone:
            assert self.marker.operation is Operation.DELETE
            driver.feed(TombstoneFound())
            return driver
        found = self.saved or make_record(owner="")
        record = taken_up(found, self.marker, blamed=False)
        self.save(replace(record, owner="c/h/1/r", epoch=found.epoch + 1))
        results = {} if self.gone else dict.fromkeys(self.results, SUMMARY)
        driver.claim(self.saved, cancelled=self.marker.operation is Operation.CANCEL, results=results)
        return driver

    def crash(self) -> None:
        self.late += self.driver.orders
        self.next_claim()

    def next_claim(self) -> None:
        """The actor is no more; a sweep meets what it has left."""
        if self.marker is None:
            return
        ended = self.saved is not None and self.saved.terminal and not self.tombstone
        if ended and self.marker.operation is not Operation.DELETE:
            self.marker = None
        else:
            self.driver = self.taken_up()

    def feed(self, event: Event) -> None:
        before = list(self.driver.orders)
        self.driver.feed(event)
        self.late += [order for order in before if order not in self.driver.orders]
        if isinstance(event, (*WORK_EVENTS, *DELETION_EVENTS, CancelRequested, DeleteRequested)):
            self.answered.append(event)

    # ------------------------------------------------------------ what the store holds

    def save(self, record: JobRecord | None) -> None:
        assert not self.tombstone, "nothing is written over a tombstone"
        assert record is not None
        if self.gone:
            assert record.status is JobStatus.DELETING, "no deleted job comes back"
        self.saved, self.gone = record, record.status is JobStatus.DELETING

    def answer(self, effect: Effect) -> Event:
        match effect:
            case RenderPage(_, page):
                self.blobs.add(f"image of page {page}")
            case EmptyStore(last):
                self.blobs.clear()
                self.results.clear()
                return StoreEmptied(last)
            case SaveTombstone():
                assert self.gone, "the record says deleting first"
                self.tombstone = True
                return TombstoneSaved()
            case AwaitCalls():
                self.land_all()
                return CallsExpired()
            case SettleMarker():
                if self.marker == self.acted:
                    self.marker = None
                return MarkerSettled()
        return super().answer(effect)

    def land_all(self) -> None:
        while self.late:
            self.land()

    def land(self) -> None:
        """A call that nobody waits for any more writes what it was to write."""
        effect = self.late.pop(self.random.randrange(len(self.late)))
        if isinstance(effect, RenderPage | SaveResult):
            self.blobs.add(f"late {type(effect).__name__} of page {effect.page}")

    # ------------------------------------------------------------ turns

    def order(self, operation: Operation) -> None:
        """The Ingress replaces the marker and tells the host, where there is one."""
        if self.marker is None or self.marker.operation is Operation.DELETE:
            return
        self.marker = self.marker.ordered(operation)
        if self.driver.stopped:
            return
        if operation is Operation.CANCEL:
            self.acted = self.marker
            self.feed(CancelRequested())
        else:
            self.feed(DeleteRequested())
            if self.driver.state.phase is Phase.DELETING:
                self.acted = self.marker

    def step(self) -> None:
        """One thing happens: an answer, an old one again, a late write, a save."""
        phase = self.driver.state.phase
        if self.late and self.random.random() < 0.2:
            self.land()
        elif self.answered and self.random.random() < 0.15:
            self.feed(self.random.choice(self.answered))
        elif phase in SAVED:
            self.save(self.driver.state.record)
            self.feed(SAVED[phase])
        elif self.driver.stopped:
            self.next_claim()
        else:
            if self.random.random() < 0.3 and not self.gone and self.driver.state.record is not None:
                self.save(self.driver.state.record)
            effect = self.driver.orders.pop(self.random.randrange(len(self.driver.orders)))
            if isinstance(effect, AssembleOutputs) and len(effect.formats) > 1:  # each is answered by itself
                self.driver.orders += [replace(effect, formats=(one,)) for one in effect.formats]
            else:
                self.feed(self.answer(effect))


happenings = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["cancel", "delete", "drain", "crash"])), max_size=6
)
stores = st.builds(
    Store,
    seed=st.integers(0, 2**32),
    pages=st.integers(1, 8),
    trouble=st.sampled_from([0.0, 0.2, 0.5]),
    window=st.integers(1, 4),
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=stores, happens=happenings)
def test_orders_are_carried_out_whatever_happens(world: Store, happens: list[tuple[int, str]]) -> None:
    ordered: set[str] = set()
    for turn in range(5000):
        for _, what in [happening for happening in happens if happening[0] == turn]:
            if world.marker is None:
                break
            match what:
                case "cancel" | "delete":
                    ordered.add(what)
                    world.order(Operation(what))
                case "drain" if not world.driver.stopped:
                    world.feed(DrainRequested())
                case "crash" if not world.driver.stopped:
                    world.crash()
        if world.marker is None:
            break
        world.step()
    assert world.marker is None, "every order comes to its end"
    if "delete" in ordered:
        world.land_all()
        assert world.tombstone
        assert not world.blobs | world.results, "nothing of the job is left"
    else:
        assert world.saved is not None
        assert world.saved.terminal
