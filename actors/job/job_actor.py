"""The JobActor: a thin asyncio shell around the machine, and the only writer of one job's record.

It feeds facts to the machine, has its orders carried out, each in a task of its own, and feeds back what they ended in.
What others see of the job is what is stored: ``shown`` is the last version of the record that is durable.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from actors.job.effects import (
    AssembleOutputs,
    DropWork,
    Effect,
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
    Event,
    JobClaimed,
    MarkerSettled,
    OpeningLost,
    OutputAssembled,
    OutputFailed,
    OwnerFenced,
    ReleaseSaved,
    TerminalSaved,
)
from actors.job.ledger import BACKOFF_S, RecordLedger
from actors.job.machine import step
from actors.job.page_work import PageDesk
from actors.job.patience import patiently
from actors.job.ports import ReplicaLost
from actors.job.saver import RecordSaver
from actors.job.services import Services
from actors.job.state import JobState, Stage
from actors.render.protocol import AssembleRequest, DocumentRef
from cluster import layout
from cluster.clock import to_text
from cluster.errors import (
    BlobConflict,
    BlobError,
    BlobNotFound,
    BlobUnavailable,
    DocumentError,
    Fenced,
    GnosisError,
    IllegalTransition,
    PageRangeInvalid,
)
from cluster.marker import Marker, Operation
from cluster.page_range import select_pages
from cluster.record import ErrorInfo, JobRecord

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """The record as last stored. data: the bytes of processing.json."""

    data: bytes
    etag: str
    terminal: bool


class JobActor:
    """marker_generation: of the marker last acted on. on_stop(actor) is called once, when it is over.

    marker_seen: the generation of the marker that it was last shown, acted on or not. marker_replaced: the job ended
    with a marker that says something new, for another claim to act on. fenced: it stopped because another owner has
    the job.
    """

    def __init__(
        self,
        services: Services,
        marker: Marker,
        marker_generation: int,
        ledger: RecordLedger,
        claimed: tuple[JobRecord, bytes],
        on_stop: Callable[[JobActor], None],
    ) -> None:
        record, data = claimed
        self.job_id = marker.job_id
        self.shown = Shown(data, record.etag, terminal=False)
        self.state = JobState(services.policy)
        self._services = services
        self._marker = marker
        self._marker_generation = marker_generation
        self.marker_seen = marker_generation
        self._ledger = ledger
        self._on_stop = on_stop
        self.stopped = False
        self.marker_replaced = False
        self.fenced = False
        self._document = DocumentRef(
            marker.job_id,
            marker.prefix,
            marker.prefix + marker.document.raw_file,
            marker.document.file_type,
            services.max_pages,
            marker.password,
        )
        self._desk = PageDesk(services, self._document, marker.job_options.dpi, record.epoch)
        self._saver = RecordSaver(ledger, services.clock, self._on_stored, self._on_fenced)
        self._saver.claimed(len(data))
        self._tasks: dict[asyncio.Task[None], Effect] = {}
        self._watchers: set[asyncio.Future[None]] = set()

    # ------------------------------------------------------------ facts in, orders out

    def start(self, claimed: JobClaimed) -> None:
        self.feed(claimed)

    def feed(self, event: Event) -> None:
        """Tells the machine a fact and has its orders carried out."""
        if self.stopped:
            return
        before = self.state.phase
        try:
            self.state, effects = step(self.state, event, to_text(self._services.clock.now()))
        except IllegalTransition:
            log.exception("job %s: given up for the next sweep", self.job_id)
            self._stop()
            return
        page = getattr(event, "page", None)
        if page is not None and page not in self.state.work:
            self._desk.end(page)
        if self.state.phase is not before:
            log.debug("job %s: %s", self.job_id, self.state.phase)
        for effect in effects:
            self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case SaveRecord(kind):
                self._saver.offer(self.state.job, urgent=kind is not SaveKind.PROGRESS)
            case DropWork():
                self._cancel(RenderPage, RecognizePage)
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
                self._spawn(effect, self._assemble(effect))
            case SettleMarker():
                self._spawn(effect, self._settle_marker())

    def _spawn(self, effect: Effect, work: Coroutine[Any, Any, Event | list[Event]]) -> None:
        # An empty context: no cancellation of whoever called the host may cascade into the job's work.
        task = asyncio.get_running_loop().create_task(self._end_in_event(work), context=contextvars.Context())
        self._tasks[task] = effect
        task.add_done_callback(lambda ended: self._tasks.pop(ended, None))

    def _cancel(self, *orders: type) -> None:
        """Nobody waits for these any more: replicas need not go on with them. A write on its way may still land."""
        current = asyncio.current_task()
        for task, effect in list(self._tasks.items()):
            if isinstance(effect, orders) and task is not current:
                task.cancel()

    async def _end_in_event(self, work: Coroutine[Any, Any, Event | list[Event]]) -> None:
        try:
            outcome = await work
            for event in outcome if isinstance(outcome, list) else [outcome]:
                self.feed(event)
        except asyncio.CancelledError:
            log.debug("job %s: work dropped", self.job_id)
        except GnosisError:
            log.exception(
                "job %s: an order could not be carried out; the job is given up for the next sweep", self.job_id
            )
            self._stop()

    def _stop(self) -> None:
        if self.stopped:
            return
        self.stopped = True
        self._saver.close()
        self._cancel(object)
        self._desk.keep_only(set())
        self._on_stop(self)
        self._wake_watchers()

    # ------------------------------------------------------------ orders from outside

    def order(self, marker: Marker, generation: int) -> None:
        """The marker was replaced. What it orders is done, or found by the next claim when this one has ended."""
        self.marker_seen = generation
        if generation == self._marker_generation:
            return
        if marker.operation is Operation.CANCEL and marker.run <= self.state.job.run:
            self._marker_generation = generation
            self.feed(CancelRequested())

    def drain(self) -> None:
        self.feed(DrainRequested())

    async def verify(self) -> None:
        """Reads the record again, and stops where another owner has it."""
        try:
            await self._ledger.verify()
        except Fenced:
            self._on_fenced()

    def _on_fenced(self) -> None:
        if self.stopped:
            return
        self.fenced = True
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
        return self.stopped or self.state.job.recoveries == 0

    # ------------------------------------------------------------ what others see

    async def watch(self, etag: str, timeout_s: float, *, until_end: bool = False) -> Shown:
        """The record as last stored, once it is another than ``etag`` (and terminal), or after ``timeout_s``."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self.stopped and (self.shown.etag == etag or (until_end and not self.shown.terminal)):
                    await self._next_version()
        except TimeoutError:
            log.debug("job %s: nothing new for a watcher", self.job_id)
        return self.shown

    async def _next_version(self) -> None:
        watcher: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._watchers.add(watcher)
        try:
            await watcher
        finally:
            self._watchers.discard(watcher)

    def _on_stored(self, record: JobRecord, data: bytes) -> None:
        etag = f'"{record.epoch}-{self._ledger.confirmed}"'
        self.shown = Shown(data, etag, record.terminal)
        self._wake_watchers()
        if record.terminal:
            log.info("job %s ended: %s", self.job_id, record.status)
            self.feed(TerminalSaved())
        elif record.owner == "":
            self.feed(ReleaseSaved())

    def _wake_watchers(self) -> None:
        for watcher in self._watchers:
            if not watcher.done():
                watcher.set_result(None)

    # ------------------------------------------------------------ effects that are not about pages in flight

    async def _open(self, effect: OpenDocument) -> Event:
        try:
            opened = await self._services.pool.open(self._document)
            if isinstance(opened, DocumentError):
                return DocumentRefused(effect.run, effect.attempt, ErrorInfo(opened.code, opened.detail))
            pages = select_pages(self._marker.job_options.pages, opened.total_pages)
        except ReplicaLost as lost:
            return OpeningLost(effect.run, effect.attempt, lost.announced)
        except PageRangeInvalid as error:
            return DocumentRefused(effect.run, effect.attempt, ErrorInfo(error.code, error.detail))
        return DocumentOpened(effect.run, effect.attempt, opened.total_pages, pages)

    async def _assemble(self, effect: AssembleOutputs) -> list[Event]:
        epoch, prefix = self.state.job.epoch, self._marker.prefix
        files = {name: layout.output_file(effect.run, epoch, name) for name, _ in effect.formats}
        outputs = tuple((name, prefix + file) for name, file in files.items())
        try:
            request = AssembleRequest(self.job_id, prefix, effect.pages, effect.failed, outputs)
            failed = await patiently(self._services.clock, partial(self._joined, request))
        except GnosisError as error:
            failed = dict.fromkeys(files, error)
        return [
            OutputFailed(effect.run, name, attempt, failed[name].detail)
            if name in failed
            else OutputAssembled(effect.run, name, attempt, files[name])
            for name, attempt in effect.formats
        ]

    async def _joined(self, request: AssembleRequest) -> dict[str, GnosisError]:
        """The formats that could not be made; raises where it was the store that was away, and not their fault."""
        failed = await self._services.pool.assemble(request)
        for error in failed.values():
            if isinstance(error, BlobUnavailable):
                raise error
        return failed

    async def _settle_marker(self) -> Event:
        """Removes the marker at the generation last acted on; one that says something new is for another claim."""
        attempt = 0
        while True:
            try:
                await self._services.blobs.delete(layout.marker(self.job_id), self._marker_generation)
            except BlobNotFound:
                return MarkerSettled()
            except BlobConflict:
                self.marker_replaced = True
                return MarkerSettled()
            except BlobError:
                await self._services.clock.sleep(BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)])
                attempt += 1
            else:
                return MarkerSettled()
