"""The machine's state: the record as it will be saved next, and what is needed to get on with the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from actors.job.events import Event, ResultSummary
from actors.render.call_limits import CallLimits
from cluster.record import JobRecord


class Phase(StrEnum):
    UNCLAIMED = "unclaimed"
    OPENING = "opening"
    READING = "reading"
    ASSEMBLING = "assembling"
    ENDING = "ending"  # the terminal record is being stored
    SETTLING = "settling"  # the marker is being removed
    RELEASING = "releasing"  # the record is being stored with an empty owner
    DELETING = "deleting"  # the record is being stored as deleting
    EMPTYING = "emptying"  # what is stored of the job is being removed
    BURYING = "burying"  # the record is being replaced by its tombstone
    LINGERING = "lingering"  # until calls made for the job have ended or timed out
    CLEARING = "clearing"  # what such calls have left is being removed
    STOPPED = "stopped"


class Stage(StrEnum):
    """Where a page in flight is."""

    WAITING = "waiting"  # to be tried again when the window has room
    RENDERING = "rendering"
    READING = "reading"
    SAVING = "saving"


@dataclass(frozen=True, slots=True)
class PageWork:
    """A page that is not finished and was started at least once.

    attempt: how often it was started. free: attempts that do not count. deaths: replicas that died under it.
    rendered: by this owner, so that the next attempt need not render it again. engine: the place in the job's chain of
    the engine that reads it; before: attempts that others of the chain had; reason: why they gave it up.
    """

    stage: Stage
    attempt: int
    free: int = 0
    deaths: int = 0
    alone: bool = False
    rendered: bool = False
    engine: int = 0
    before: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """window: pages in flight at once. attempts: of a page. openings: lost openings that damn a document.

    formats: outputs to assemble. output_attempts: of one output. call_s: after so long a call that was
    made for the job, be its caller alive or dead, stores nothing more under its prefix. Renderers alone do so for
    others, and their limits add up to it (actors/render/call_limits.py).
    """

    window: int = 64
    attempts: int = 3
    deaths: int = 2
    openings: int = 2
    formats: tuple[str, ...] = ("md", "txt")
    output_attempts: int = 3
    call_s: float = CallLimits().writes_s


@dataclass(frozen=True, slots=True)
class JobState:
    """record: None before the claim, and once a tombstone stands in its place.

    engines: the chain that pages are given to, the next where one can't read a page; empty where none is configured.
    todo[cursor:]: pages never started in this run. work: pages started and not finished.
    again: pages of ``work`` that wait for another attempt. extracted: pages that were rendered, or whose embedded text
    was taken, or that failed before. found: results that stood when the job was claimed.
    outputs: attempts of the formats being assembled.
    """

    policy: Policy
    engines: tuple[str, ...] = ("",)
    record: JobRecord | None = None
    phase: Phase = Phase.UNCLAIMED
    cancelled: bool = False
    opening_attempt: int = 0
    openings_lost: int = 0
    todo: tuple[int, ...] = ()
    cursor: int = 0
    again: tuple[int, ...] = ()
    work: Mapping[int, PageWork] = field(default_factory=dict)
    extracted: int = 0
    engine_started: bool = False
    found: Mapping[int, ResultSummary] = field(default_factory=dict)
    outputs: Mapping[str, int] = field(default_factory=dict)
    history: tuple[Event, ...] = ()

    @property
    def job(self) -> JobRecord:
        """The record, once there is one."""
        assert self.record is not None, "the job is not claimed"
        return self.record

    @property
    def in_flight(self) -> int:
        return len(self.work) - len(self.again)

    @property
    def reading_done(self) -> bool:
        return not self.work and self.cursor >= len(self.todo)
