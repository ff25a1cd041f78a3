"""Effects: orders that the machine gives and the JobActor carries out. Each ends by feeding events back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cluster.record import ErrorInfo


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """Ends in DocumentOpened, DocumentRefused or OpeningLost."""

    run: int
    attempt: int


@dataclass(frozen=True, slots=True)
class RenderPage:
    """Ends in PageRendered, PageExtracted, PageFailed or ReplicaLost."""

    run: int
    page: int
    attempt: int
    alone: bool = False


@dataclass(frozen=True, slots=True)
class RecognizePage:
    """By this engine's pool. Ends in PageRecognized, PageFailed or ReplicaLost."""

    run: int
    page: int
    attempt: int
    image: str
    alone: bool = False
    engine: str = ""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """Store what was recognised, or extracted. Ends in ResultSaved; the storing is repeated until it succeeds.

    reason: why another engine than the job's own has read the page.
    """

    run: int
    page: int
    attempt: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class AssembleOutputs:
    """Ends in OutputAssembled or OutputFailed for each format. formats: with their attempts. failed: pages, and why."""

    run: int
    formats: tuple[tuple[str, int], ...]
    pages: tuple[int, ...]
    failed: tuple[tuple[int, ErrorInfo], ...]


class SaveKind(StrEnum):
    PROGRESS = "progress"  # coalesced, paced, no answer
    URGENT = "urgent"  # at once, no answer
    TERMINAL = "terminal"  # at once; ends in TerminalSaved
    RELEASE = "release"  # at once; ends in ReleaseSaved
    DELETING = "deleting"  # at once; ends in DeletingSaved


@dataclass(frozen=True, slots=True)
class SaveRecord:
    """Store the state's record."""

    kind: SaveKind = SaveKind.PROGRESS


@dataclass(frozen=True, slots=True)
class SaveTombstone:
    """Replace the record by its tombstone. Ends in TombstoneSaved."""


@dataclass(frozen=True, slots=True)
class DropWork:
    """Forget all work on pages but the saving of results; nothing of it is awaited.

    everything: the saving of results, and whatever else is under way, as well.
    """

    everything: bool = False


@dataclass(frozen=True, slots=True)
class EmptyStore:
    """Remove what is stored of the job, but for its record. Ends in StoreEmptied."""

    last: bool


@dataclass(frozen=True, slots=True)
class AwaitCalls:
    """Wait until no call made for the job can write anything any more. Ends in CallsExpired."""


@dataclass(frozen=True, slots=True)
class SettleMarker:
    """Remove the marker at the generation last acted on, or have it say that the callback is due.

    Ends in MarkerSettled.
    """


@dataclass(frozen=True, slots=True)
class Stop:
    """The JobActor's life is over."""


Effect = (
    OpenDocument
    | RenderPage
    | RecognizePage
    | SaveResult
    | AssembleOutputs
    | SaveRecord
    | SaveTombstone
    | DropWork
    | EmptyStore
    | AwaitCalls
    | SettleMarker
    | Stop
)
