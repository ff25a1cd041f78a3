"""A job in virtual time: the product's machine, whose orders simulated pools and a simulated store carry out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from actors.job.effects import (
    AssembleOutputs,
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
    DocumentOpened,
    Event,
    JobClaimed,
    MarkerSettled,
    OpeningLost,
    OutputAssembled,
    OutputFailed,
    PageFailed,
    PageRecognized,
    PageRendered,
    ReplicaLost,
    ResultSaved,
    ResultSummary,
    TerminalSaved,
)
from actors.job.machine import step
from actors.job.state import JobState, Policy
from benchmarks.simulation.agenda import Agenda
from benchmarks.simulation.load import Coming
from benchmarks.simulation.pool import Call, Pool
from benchmarks.simulation.saver import SimulatedSaver
from cluster.errors import EngineFailed
from cluster.marker import Marker, Operation, queued_record
from cluster.record import ErrorInfo, FileInfo

ENGINE = "simulated"
POLICY = Policy(formats=("md",))
SUMMARY = ResultSummary("ocr", ENGINE, "1", 0.97, 0, 1000)
RECORD_BYTES, PAGE_BYTES = 800, 450
"""A record's size, as ``benchmarks records`` finds it for a job half read."""


class Surroundings(Protocol):
    """What a job has of its host and cluster."""

    agenda: Agenda
    ocr: Pool
    renderers: Pool
    store_s: float
    render_s: float

    def fails(self) -> bool:
        """Whether the engine fails this reading."""

    def enter(self, job: SimulatedJob, effect: RenderPage) -> None:
        """The page waits for its place in the host's budget; then ``job.draw(effect)`` is called."""

    def leave(self, job: SimulatedJob, page: int) -> None:
        """The page has ended: its place, if it has one, is free."""

    def stepped(self, job: SimulatedJob, run: Callable[[], list[Effect]]) -> list[Effect]:
        """Has a step of the machine done, and measures it."""

    def wrote(self, *, record: bool) -> None:
        """A record, or a page's result, was stored."""

    def ended(self, job: SimulatedJob) -> None: ...


class SimulatedJob:
    """waiting: pages that have no place in the host's budget yet. drawing, reading: pages with the pools now."""

    def __init__(self, coming: Coming, around: Surroundings) -> None:
        self.coming = coming
        self.state = JobState(POLICY, (ENGINE,))
        self.waiting = 0
        self.drawing = 0
        self.reading = 0
        self._around = around
        self._agenda = around.agenda
        self._saver = SimulatedSaver(self._agenda, self._write)

    def start(self) -> None:
        """The job is claimed: a write of its record."""
        document = FileInfo("a.pdf", "pdf", 0, "raw/document.pdf", 1)
        marker = Marker(self.coming.job_id, Operation.RUN, 1, "a@b.c", "users/x/jobs/y/", document, self._agenda.text())
        self._around.wrote(record=True)
        self._saver.claimed(RECORD_BYTES)
        self.feed(JobClaimed(queued_record(marker)))

    def feed(self, event: Event) -> None:
        for effect in self._around.stepped(self, partial(self._step, event)):
            self._perform(effect)

    def _step(self, event: Event) -> list[Effect]:
        self.state, effects = step(self.state, event, self._agenda.text())
        page = getattr(event, "page", None)
        if page is not None and page not in self.state.work:
            self._around.leave(self, page)
        return effects

    def _perform(self, effect: Effect) -> None:
        match effect:
            case OpenDocument():
                self._document(self._around.render_s, partial(self._opened, effect))
            case RenderPage():
                self._around.enter(self, effect)
            case RecognizePage():
                self.reading += 1
                call = Call(self.coming.job_id, partial(self._read, effect), effect.alone)
                self._around.ocr.submit(call)
            case SaveResult(run, page, attempt):
                self._around.wrote(record=False)
                self._later(ResultSaved(run, page, attempt, SUMMARY))
            case SaveRecord(kind):
                self._saver.offer(urgent=kind is not SaveKind.PROGRESS)
            case AssembleOutputs():
                self._document(self._around.render_s * (1 + len(effect.pages) / 20), partial(self._assembled, effect))
            case SettleMarker():
                self._later(MarkerSettled())
            case Stop():
                self._around.ended(self)

    def draw(self, effect: RenderPage) -> None:
        self.drawing += 1
        call = Call(self.coming.job_id, partial(self._drawn, effect), effect.alone, self._around.render_s)
        self._around.renderers.submit(call)

    def _document(self, work_s: float, answered: Callable[[bool, bool], None]) -> None:
        self._around.renderers.submit(Call(self.coming.job_id, answered, work_s=work_s))

    def _later(self, event: Event) -> None:
        """After a write to the store."""
        self._agenda.after(self._around.store_s, lambda: self.feed(event))

    # ------------------------------------------------------------ answers

    def _opened(self, effect: OpenDocument, lost: bool, announced: bool) -> None:
        if lost:
            self.feed(OpeningLost(effect.run, effect.attempt, announced))
        else:
            numbers = tuple(range(1, self.coming.pages + 1))
            self.feed(DocumentOpened(effect.run, effect.attempt, self.coming.pages, numbers))

    def _drawn(self, effect: RenderPage, lost: bool, announced: bool) -> None:
        self.drawing -= 1
        at = (effect.run, effect.page, effect.attempt)
        self.feed(ReplicaLost(*at, announced) if lost else PageRendered(*at, f"page_{effect.page:03d}.png"))

    def _read(self, effect: RecognizePage, lost: bool, announced: bool) -> None:
        self.reading -= 1
        at = (effect.run, effect.page, effect.attempt)
        if lost:
            self.feed(ReplicaLost(*at, announced))
        elif self._around.fails():
            self.feed(PageFailed(*at, ErrorInfo(EngineFailed.code, "drawn to fail")))
        else:
            self.feed(PageRecognized(*at))

    def _assembled(self, effect: AssembleOutputs, lost: bool, announced: bool) -> None:
        for name, attempt in effect.formats:
            if lost:
                self.feed(OutputFailed(effect.run, name, attempt, "drawn to be lost"))
            else:
                self.feed(OutputAssembled(effect.run, name, attempt, f"result.{name}"))

    # ------------------------------------------------------------ saving

    def _write(self, written: Callable[[int], None]) -> None:
        terminal = self.state.job.terminal
        size = RECORD_BYTES + PAGE_BYTES * len(self.state.job.pages)

        def stored() -> None:
            written(size)
            if terminal:
                self.feed(TerminalSaved())

        self._around.wrote(record=True)
        self._agenda.after(self._around.store_s, stored)
