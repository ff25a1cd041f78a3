"""Events: facts in the past tense that the machine is told of.

Every event of work names its run and attempt; one of an older run or attempt is ignored, since it may have been lost
and repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cluster.record import ErrorInfo, FetchedFile, JobRecord


@dataclass(frozen=True, slots=True)
class ResultSummary:
    """What the record keeps of a stored page result. run: in which it was stored."""

    source: str
    engine: str
    engine_version: str
    confidence: float | None
    rotation: int
    duration_ms: int
    reason: str | None = None
    image: str | None = None
    attempts: int = 1
    run: int = 1
    skew: float = 0.0
    layout: str | None = None
    layout_ms: int = 0


@dataclass(frozen=True, slots=True)
class JobClaimed:
    """The record is ours, its run opened. cancelled: the marker says so. results: pages whose result stands."""

    record: JobRecord
    cancelled: bool = False
    results: Mapping[int, ResultSummary] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TombstoneFound:
    """A tombstone stands in the record's place and the marker says delete: the end of the deletion is left to do."""


@dataclass(frozen=True, slots=True)
class DocumentOpened:
    """fetched: what was learned of a document that the job had to fetch."""

    run: int
    attempt: int
    total_pages: int
    pages: tuple[int, ...]
    fetched: FetchedFile | None = None


@dataclass(frozen=True, slots=True)
class DocumentRefused:
    run: int
    attempt: int
    error: ErrorInfo


@dataclass(frozen=True, slots=True)
class OpeningLost:
    """The Renderer died, or took too long, while it opened the document."""

    run: int
    attempt: int
    announced: bool = False


@dataclass(frozen=True, slots=True)
class PageRendered:
    run: int
    page: int
    attempt: int
    image: str


@dataclass(frozen=True, slots=True)
class PageExtracted:
    """The page's embedded text is taken: no engine reads it. image: None where none was made."""

    run: int
    page: int
    attempt: int
    image: str | None = None


@dataclass(frozen=True, slots=True)
class PageFailed:
    """The Renderer or the engine answered that it could not. error.code is one of PAGE_ERRORS.

    gave_up: the engine will not do better at another try.
    """

    run: int
    page: int
    attempt: int
    error: ErrorInfo
    gave_up: bool = False


@dataclass(frozen=True, slots=True)
class ReplicaLost:
    """The replica that rendered or read the page died under it."""

    run: int
    page: int
    attempt: int
    announced: bool = False


@dataclass(frozen=True, slots=True)
class PageRecognized:
    run: int
    page: int
    attempt: int


@dataclass(frozen=True, slots=True)
class ResultSaved:
    """The page's result stands in the blob store: ours, or one that was there before."""

    run: int
    page: int
    attempt: int
    summary: ResultSummary


@dataclass(frozen=True, slots=True)
class OutputAssembled:
    run: int
    format: str
    attempt: int
    file: str


@dataclass(frozen=True, slots=True)
class OutputFailed:
    """final: another attempt would end the same."""

    run: int
    format: str
    attempt: int
    reason: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The marker says cancel."""


@dataclass(frozen=True, slots=True)
class DeleteRequested:
    """The marker says delete."""


@dataclass(frozen=True, slots=True)
class DrainRequested:
    """The host goes: let go of the job so that another host can claim it at once."""


@dataclass(frozen=True, slots=True)
class TerminalSaved:
    """The terminal record is stored."""


@dataclass(frozen=True, slots=True)
class ReleaseSaved:
    """The record is stored with an empty owner."""


@dataclass(frozen=True, slots=True)
class DeletingSaved:
    """The record is stored as being deleted: from now on the job is gone for everybody."""


@dataclass(frozen=True, slots=True)
class StoreEmptied:
    """Nothing of the job stands any more but its record. last: for the second time, over a tombstone."""

    last: bool


@dataclass(frozen=True, slots=True)
class TombstoneSaved:
    """The record is replaced by its tombstone."""


@dataclass(frozen=True, slots=True)
class CallsExpired:
    """No call that was made for the job can write anything any more."""


@dataclass(frozen=True, slots=True)
class MarkerSettled:
    """The marker is gone, or says that the callback is due, or something for another claim to act on."""


@dataclass(frozen=True, slots=True)
class OwnerFenced:
    """Another owner holds the record."""


Event = (
    JobClaimed
    | TombstoneFound
    | DocumentOpened
    | DocumentRefused
    | OpeningLost
    | PageRendered
    | PageExtracted
    | PageFailed
    | ReplicaLost
    | PageRecognized
    | ResultSaved
    | OutputAssembled
    | OutputFailed
    | CancelRequested
    | DeleteRequested
    | DrainRequested
    | TerminalSaved
    | ReleaseSaved
    | DeletingSaved
    | StoreEmptied
    | TombstoneSaved
    | CallsExpired
    | MarkerSettled
    | OwnerFenced
)
