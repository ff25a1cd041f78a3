"""The JobActor: a thin asyncio shell around the machine, and the only writer of one job's record.

It feeds facts to the machine, has its orders carried out, each in a task of its own, and feeds back what they ended in.
What others see of the job is what is stored: ``shown`` is the last version of the record that is durable.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from actors.job.callback import Callback
from actors.job.callback_marker import owe_callback
from actors.job.display import Display
from actors.job.document_work import DocumentDesk, document_of
from actors.job.effects import (
    AssembleOutputs,
    AwaitCalls,
    DropWork,
    Effect,
    EmptyStore,
    OpenDocument,
    RecognizePage,
    RenderPage,
    SaveKind,
    SaveRecord,
    SaveResult,
    SaveTombstone,
    SettleMarker,
    Stop,
)
from actors.job.erasure import Erasure
from actors.job.events import (
    CallsExpired,
    CancelRequested,
    DeleteRequested,
    DeletingSaved,
    DrainRequested,
    Event,
    JobClaimed,
    MarkerSettled,
    OwnerFenced,
    ReleaseSaved,
    ResultSaved,
    StoreEmptied,
    TerminalSaved,
    TombstoneSaved,
)
from actors.job.ledger import RecordLedger
from actors.job.machine import step
from actors.job.marker_removal import remove_marker
from actors.job.page_work import PageDesk
from actors.job.saver import RecordSaver
from actors.job.services import Services
from actors.job.shown import Shown, shown
from actors.job.state import JobState, Phase, Stage
from cluster.audit import AuditEvent, Reason, audit
from cluster.clock import to_text
from cluster.errors import (
    Fenced,
    IllegalTransition,
)
from cluster.ids import user_hash
from cluster.log_context import fresh_context
from cluster.marker import Marker, Operation
from cluster.record import JobRecord, JobStatus, Tombstone

log = logging.getLogger(__name__)

SUSPECT, INTERACTIVE, BULK = range(3)
"""Ranks among jobs that wait for the same budget. One that may be taking its hosts down is recovered alone, after all
others, and what it then does comes first, so that it is not blamed for having to wait."""

_BEING_DELETED = (Phase.DELETING, Phase.EMPTYING, Phase.BURYING)


class JobActor:
    """marker_generation: of the marker last acted on. claimed: the record or tombstone as it stands, and its bytes.

    on_linger(actor) is called once nothing is left of the job but its tombstone and its marker, on_stop(actor) when it
    is over. marker_seen: the generation of the marker that it was last shown, acted on or not. marker_replaced: the job
    ended with a marker that says something new, for another claim to act on. callback: it ended with one that is due.
    fenced: it stopped because another owner has the job.
    """

    def __init__(
        self,
        services: Services,
        marker: Marker,
        marker_generation: int,
        ledger: RecordLedger,
        claimed: tuple[JobRecord | Tombstone, bytes],
        on_linger: Callable[[JobActor], None],
        on_stop: Callable[[JobActor], None],
    ) -> None:
        record, data = claimed
        self.job_id = marker.job_id
        self._display = Display(shown(record, record.etag, data))
        options = marker.job_options
        engines = services.chains.get(options.engine, ())
        self.state = JobState(services.policy, engines)
        self._services = services
        self._marker = marker
        self._marker_generation = marker_generation
        self.marker_seen = marker_generation
        self._ledger = ledger
        self._on_linger = on_linger
        self._on_stop = on_stop
        self.stopped = False
        self.marker_replaced = False
        self.callback: Callback | None = None
        self.fenced = False
        document = document_of(marker, record, services.max_pages)
        self._document = DocumentDesk(services, document, options.pages, options.dpi)
        self._rank = BULK if options.priority == "bulk" else INTERACTIVE
        pool = engines[0] if engines else services.chains[None][0]
        self._desk = PageDesk(services, document, options, record.epoch, pool, self._rank)
        self._saver = RecordSaver(
            ledger, services.clock, self._on_stored, self._on_fenced, context=self._context, broken=self._stop
        )
        self._saver.claimed(taken_over=record.epoch > 1)
        self._tasks: dict[asyncio.Task[None], Effect] = {}

    # ------------------------------------------------------------ facts in, orders out

    def start(self, claimed: JobClaimed) -> None:
        if claimed.record.recoveries:
            self._desk.rank = SUSPECT
        if claimed.record.status is JobStatus.DELETING:
            self._audit(AuditEvent.DELETION_ORDERED)
        self.feed(claimed)

    def feed(self, event: Event) -> None:
        """Tells the machine a fact and has its orders carried out."""
        if self.stopped:
            return
        before, stood = self.state.phase, self.state.record
        try:
            self.state, effects = step(self.state, event, to_text(self._services.clock.now()))
        except IllegalTransition:
            log.exception("job %s: given up for the next sweep", self.job_id)
            self._stop()
            return
        self._services.tally.stepped(stood, self.state.record)
        self._services.meter.stepped(stood, self.state.record, event)
        page = getattr(event, "page", None)
        if page is not None and page not in self.state.work:
            self._desk.end(page)
        if self._desk.rank == SUSPECT and self.moved:
            self._desk.rank = self._rank
        if self.state.phase is not before:
            log.debug("job %s: %s", self.job_id, self.state.phase)
        if isinstance(event, ResultSaved) and self.state.record is not None:
            self._display.result_stored(event.page, self.state.record)
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        self._services.meter.ordered(effect)
        match effect:
            case SaveRecord(kind):
                self._saver.offer(self.state.job, urgent=kind is not SaveKind.PROGRESS)
            case DropWork(everything):
                self._cancel(*((object,) if everything else (RenderPage, RecognizePage)))
                self._desk.keep_only({n for n, work in self.state.work.items() if work.stage is Stage.SAVING})
            case Stop():
                self._stop()
            case RenderPage():
                self._spawn(effect, self._desk.render(effect))
            case RecognizePage():
                self._spawn(effect, self._desk.recognize(effect))
            case SaveResult():
                self._spawn(effect, self._desk.save(effect))
            case OpenDocument():
                self._spawn(effect, self._open(effect))
            case AssembleOutputs():
                self._spawn(effect, self._document.assemble(effect, self.state.job))
            case SettleMarker():
                self._spawn(effect, self._settle_marker())
            case SaveTombstone():
                self._saver.offer(Tombstone(self.job_id, self.state.job.epoch, 0), urgent=True)
            case EmptyStore(last):
                self._spawn(effect, self._empty_store(last))
            case AwaitCalls():
                self._on_linger(self)
                self._spawn(effect, self._await_calls())

    def _spawn(self, effect: Effect, work: Coroutine[Any, Any, Event | Sequence[Event]]) -> None:
        # An empty context: no cancellation of whoever called the host may cascade into the job's work.
        task = asyncio.get_running_loop().create_task(
            self._end_in_event(work), context=self._context(getattr(effect, "page", 0))
        )
        self._tasks[task] = effect
        task.add_done_callback(lambda ended: self._tasks.pop(ended, None))
        task.add_done_callback(lambda _: work.close())  # it may have been dropped before it began

    def _context(self, page: int = 0) -> contextvars.Context:
        origin = self._document.document.origin
        return fresh_context(job=self.job_id, page=page, epoch=origin.epoch, request=origin.request_id)

    def _cancel(self, *orders: type) -> None:
        """Nobody waits for these any more: replicas need not go on with them. A write on its way may still land."""
        current = asyncio.current_task()
        for task, effect in list(self._tasks.items()):
            if isinstance(effect, orders) and task is not current:
                task.cancel()

    async def _end_in_event(self, work: Coroutine[Any, Any, Event | Sequence[Event]]) -> None:
        try:
            outcome = await work
            for event in outcome if isinstance(outcome, Sequence) else [outcome]:
                self.feed(event)
        except asyncio.CancelledError:
            log.debug("job %s: work dropped", self.job_id)
        except Exception:  # whatever it is: without an event the job would wait for ever
            log.exception("job %s: an order could not be carried out; given up for the next sweep", self.job_id)
            self._stop()

    def _stop(self) -> None:
        if self.stopped:
            return
        self.stopped = True
        self._saver.close()
        self._cancel(object)
        self._desk.keep_only(set())
        self._on_stop(self)
        self._display.close()

    # ------------------------------------------------------------ orders from outside

    def order(self, marker: Marker, generation: int) -> None:
        """The marker was replaced. What it orders is done, or found by the next claim when this one has ended."""
        self.marker_seen = generation
        if generation == self._marker_generation:
            return
        if marker.operation is Operation.CANCEL and marker.run <= self.state.job.run:
            self._marker_generation = generation
            self.feed(CancelRequested())
        elif marker.operation is Operation.DELETE:
            before = self.state.phase
            self.feed(DeleteRequested())
            if self.state.phase in _BEING_DELETED:
                self._marker, self._marker_generation = marker, generation
                if before not in _BEING_DELETED:
                    self._audit(AuditEvent.DELETION_ORDERED)

    def drain(self) -> None:
        self.feed(DrainRequested())

    async def verify(self) -> None:
        """Reads the record again, and stops where another owner has it."""
        try:
            await self._ledger.verify()
        except Fenced:
            self._on_fenced()

    def _on_fenced(self) -> None:
        if self.stopped or self.state.record is None:  # over a tombstone nobody writes, so nobody is fenced
            return
        self.fenced = True
        self._services.meter.fenced("running")
        epoch = self.state.job.epoch
        log.warning("job %s: fenced, another owner has it; epoch %d stops and writes nothing more", self.job_id, epoch)
        self.feed(OwnerFenced())

    @property
    def saved_at(self) -> float:
        """When the record was last known to be ours, on the clock's monotonic scale."""
        return self._ledger.saved_at

    @property
    def moved(self) -> bool:
        """Whether the job has got anywhere under this claim, or has ended."""
        return self.stopped or self.state.record is None or self.state.record.recoveries == 0

    # ------------------------------------------------------------ what others see

    @property
    def shown(self) -> Shown:
        """The record as last stored."""
        return self._display.shown

    async def watch(self, etag: str, timeout_s: float, *, until_end: bool = False, ahead: int | None = None) -> Shown:
        return await self._display.watch(etag, timeout_s, until_end=until_end, ahead=ahead)

    def _on_stored(self, record: JobRecord | Tombstone, data: bytes) -> None:
        etag = f'"{record.epoch}-{self._ledger.confirmed}"'
        self._display.stored(shown(record, etag, data), record)
        if isinstance(record, Tombstone):
            self.feed(TombstoneSaved())
        elif record.terminal:
            log.info("job %s ended: %s", self.job_id, record.status)
            self._services.tally.ended(record.status)
            self._services.meter.job_ended(record)
            self.feed(TerminalSaved())
        elif record.owner == "":
            self.feed(ReleaseSaved())
        elif record.status is JobStatus.DELETING:
            self.feed(DeletingSaved())

    # ------------------------------------------------------------ effects that are not about pages in flight

    async def _open(self, effect: OpenDocument) -> Event:
        event = await self._document.open(effect)
        self._desk.document = self._document.document
        return event

    async def _settle_marker(self) -> Event:
        blobs, clock, record = self._services.blobs, self._services.clock, self.state.record
        if record is not None and self._marker.job_options.callback_url is not None:
            self.callback = await owe_callback(
                blobs, clock, self._marker, self._marker_generation, record, self._ledger.owner
            )
            self.marker_replaced = self.callback is None
            return MarkerSettled()
        self.marker_replaced = not await remove_marker(blobs, clock, self.job_id, self._marker_generation)
        return MarkerSettled()

    # ------------------------------------------------------------ effects of a deletion

    async def _empty_store(self, last: bool) -> Event:
        marker = self._marker
        await self._services.gate.cleared(self.job_id)
        erasure = Erasure(self._services.blobs, self._services.clock, marker.prefix, marker.idempotency)
        await erasure.run()
        if not last:
            await erasure.announce_tombstone()
        return StoreEmptied(last)

    async def _await_calls(self) -> Event:
        """Calls were dropped, or their caller died: whatever they still write they write before they time out."""
        self._audit(AuditEvent.JOB_DELETED)
        await self._services.clock.sleep(self._services.policy.call_s)
        return CallsExpired()

    def _audit(self, event: AuditEvent) -> None:
        """The owner alone writes both lines of a deletion: whoever gave the order may die once the marker stands.

        The first is written before ``deleting`` is saved, or as a claim finds it saved, so that none is left out.
        """
        at, reason = self._services.clock.now(), self._marker.reason or Reason.USER
        audit(event, at, reason, user=user_hash(self._marker.user_email), job_id=self.job_id)
