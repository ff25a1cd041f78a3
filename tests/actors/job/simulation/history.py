"""What happened in a simulation, as it was seen at the blob store, the pools and the hosts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from actors.job.job_actor import JobActor
from cluster import layout
from cluster.blobs.faults import WRITES
from cluster.marker import Marker
from cluster.record import JobRecord, Tombstone, decode
from tests.actors.job.simulation.loop import Process

HEARTBEATS = "hosts/"


@dataclass(slots=True, eq=False)
class Request:
    """What a process asked of the blob store. number: its place among all that happened. data: of a write.

    if_generation: the precondition; None where there was none. acted: the store has done it. dropped: it never will.
    held_s: how much longer it is on its way. answered: the number of the moment at which its sender had the answer.
    """

    number: int
    at: float
    process: Process
    operation: str
    name: str
    data: bytes | None = None
    if_generation: int | None = None
    acted: bool = False
    dropped: bool = False
    held_s: float = 0.0
    answered: int | None = None

    @property
    def writes(self) -> bool:
        return self.operation in WRITES


@dataclass(frozen=True, slots=True)
class Act:
    """The moment at which the blob store did what a request asked. generation: written, read or removed.

    standing: what is there now, of that name.
    """

    number: int
    at: float
    request: Request
    generation: int
    standing: bytes | None

    @property
    def name(self) -> str:
        return self.request.name

    @property
    def record(self) -> JobRecord | Tombstone:
        """That was written."""
        assert self.request.data is not None
        return decode(self.request.data)

    @property
    def where(self) -> str:
        return f"{self.at:.3f} {self.request.process}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A host has asked the engines to read a page."""

    number: int
    at: float
    process: Process
    job_id: str
    page: int


@dataclass(slots=True, eq=False)
class Post:
    """A callback on its way to its receiver. taken: the number of the moment at which the sender knew that it was."""

    number: int
    at: float
    process: Process
    job_id: str
    run: int
    record: bytes
    taken: int | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A JobActor has stopped. epoch: of its claim; 0 where a tombstone stood, which is nobody's."""

    number: int
    at: float
    process: Process
    job_id: str
    epoch: int
    fenced: bool


@dataclass(frozen=True, slots=True)
class Deed:
    """What the script did: a kill, a stall, an order."""

    number: int
    at: float
    what: str


@dataclass(slots=True)
class History:
    """standing: the blobs that there are, seen from outside; written: that there ever were.

    stalls: who stood still, from when to when. watchers: shown every act when it happens.
    """

    requests: list[Request] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    stops: list[Stopped] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    watchers: list[Callable[[Act], None]] = field(default_factory=list)
    stalls: list[tuple[Process, float, float]] = field(default_factory=list)
    standing: dict[str, bytes] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    _numbers: int = 0

    def number(self) -> int:
        self._numbers += 1
        return self._numbers

    def acted(self, at: float, request: Request, generation: int) -> None:
        if request.data is not None:
            self.standing[request.name] = request.data
            self.written.add(request.name)
        elif request.writes:
            del self.standing[request.name]
        act = Act(self.number(), at, request, generation, self.standing.get(request.name))
        self.acts.append(act)
        for watcher in self.watchers:
            watcher(act)

    def stopped(self, at: float, process: Process, actor: JobActor) -> None:
        epoch = 0 if actor.state.record is None else actor.state.record.epoch
        self.stops.append(Stopped(self.number(), at, process, actor.job_id, epoch, actor.fenced))

    def did(self, at: float, what: str) -> None:
        self.deeds.append(Deed(self.number(), at, what))

    def about(self, marker: Marker) -> History:
        """The part of it that concerns one job, and the heartbeats."""
        names = (marker.prefix, layout.marker(marker.job_id))
        return History(
            requests=[request for request in self.requests if request.name.startswith(names)],
            acts=[act for act in self.acts if act.name.startswith((*names, HEARTBEATS))],
            readings=[reading for reading in self.readings if reading.job_id == marker.job_id],
            posts=[post for post in self.posts if post.job_id == marker.job_id],
            stops=[stop for stop in self.stops if stop.job_id == marker.job_id],
            stalls=self.stalls,
            standing=self.standing,
        )

    def writes(self, name: str) -> list[Act]:
        """The versions of this blob, in order; removals are none."""
        return [act for act in self.acts if act.name == name and act.request.data is not None]

    def tell(self) -> str:
        """The history in lines, for whoever has to find out what went wrong."""
        lines = [(act.number, act.at, _told(act)) for act in self.acts]
        lines += [(r.number, r.at, f"{r.process} reads page {r.page} of {r.job_id}") for r in self.readings]
        lines += [
            (s.number, s.at, f"{s.process} {'fenced' if s.fenced else 'stops'}, epoch {s.epoch} of {s.job_id}")
            for s in self.stops
        ]
        lines += [(p.number, p.at, f"{p.process} sends run {p.run} of {p.job_id}") for p in self.posts]
        lines += [(d.number, d.at, f"*** {d.what}") for d in self.deeds]
        return "\n".join(f"{at:9.3f}  {line}" for _, at, line in sorted(lines))


def _told(act: Act) -> str:
    request = act.request
    size = "" if request.data is None else f", {len(request.data)} bytes"
    return f"{request.process} {request.operation} {request.name} ({act.generation}, asked at {request.at:.3f}{size})"
