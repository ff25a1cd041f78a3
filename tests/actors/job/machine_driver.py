"""Drives the machine as a JobActor does, but with the test as the world: every order is kept until the test answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.job import invariants
from actors.job.effects import (
    AssembleOutputs,
    DropWork,
    Effect,
    OpenDocument,
    RecognizePage,
    RenderPage,
    SaveRecord,
    SaveResult,
    SettleMarker,
    Stop,
)
from actors.job.events import Event, JobClaimed, ResultSummary
from actors.job.machine import step
from actors.job.state import JobState, Policy
from cluster.marker import Marker, Operation, queued_record
from cluster.record import FileInfo, JobRecord, PageRecord

NOW = "2026-01-01T00:00:00.000000Z"
JOB = "01890000-0000-7000-8000-000000000001"
SUMMARY = ResultSummary("ocr", "null", "1", 0.9, 0, 5)

WORK = (OpenDocument, RenderPage, RecognizePage, SaveResult, AssembleOutputs, SettleMarker)


def make_record(
    *, pages: Mapping[int, PageRecord] | None = None, run: int = 1, recoveries: int = 0, owner: str = "c/h/1/r"
) -> JobRecord:
    """A claimed record, queued or with ``pages``."""
    from dataclasses import replace

    document = FileInfo("letter.pdf", "pdf", len(pages or {}), "raw/document.pdf", 100)
    marker = Marker(JOB, Operation.RUN, run, "a@b.c", "users/x/jobs/y/", document, NOW)
    record = replace(queued_record(marker), owner=owner, epoch=1, revision=1, run=run, recoveries=recoveries)
    return replace(record, pages=pages) if pages else record


@dataclass
class Driver:
    """state after every step is checked. orders: work given and not answered. saves: kinds of saves asked for."""

    policy: Policy = field(default_factory=lambda: Policy(window=4))
    state: JobState = field(init=False)
    orders: list[Effect] = field(default_factory=list)
    saves: list[str] = field(default_factory=list)
    stopped: bool = False

    def __post_init__(self) -> None:
        self.state = JobState(self.policy)

    def claim(self, record: JobRecord | None = None, **facts: object) -> list[Effect]:
        return self.feed(JobClaimed(record or make_record(), **facts))  # type: ignore[arg-type]

    def feed(self, event: Event) -> list[Effect]:
        before = self.state
        self.state, effects = step(before, event, NOW)
        invariants.check(self.state)
        invariants.check_step(before, self.state)
        for effect in effects:
            assert not self.stopped, "a stopped job gives no orders"
            match effect:
                case SaveRecord(kind):
                    self.saves.append(kind)
                case DropWork(everything):
                    kept = () if everything else (SaveResult, AssembleOutputs)
                    self.orders = [order for order in self.orders if isinstance(order, kept)]
                case Stop():
                    self.stopped = True
                case _:
                    self.orders.append(effect)
        return effects
