"""The job's heart: ``step(state, event, now) -> (state, effects)``, and the table of what may happen when.

Theory of operation. A JobActor tells the machine facts and carries out the orders it gets back. The machine decides
everything about the job and does nothing itself: no clock (``now`` is a text), no randomness, no I/O. Every legal
pair of phase and event stands in TRANSITIONS with the phases it may lead to; any other pair raises with the job's
history, because it is a bug. A fact about an older run or attempt is legal and ignored: work may be lost, repeated and
answered twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from actors.job import claiming, deletion, ending, reading
from actors.job.effects import Effect
from actors.job.events import (
    CallsExpired,
    CancelRequested,
    DeleteRequested,
    DeletingSaved,
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
    PageExtracted,
    PageFailed,
    PageRecognized,
    PageRendered,
    ReleaseSaved,
    ReplicaLost,
    ResultSaved,
    StoreEmptied,
    TerminalSaved,
    TombstoneFound,
    TombstoneSaved,
)
from actors.job.state import JobState, Phase
from cluster.errors import IllegalTransition

Outcome = tuple[JobState, list[Effect]]
HISTORY = 30


class Transition(NamedTuple):
    """What is done about an event, and the phases it may lead to."""

    handler: Callable[[JobState, Any, str], Outcome]
    leads_to: tuple[Phase, ...]


_U, _O, _R, _A = Phase.UNCLAIMED, Phase.OPENING, Phase.READING, Phase.ASSEMBLING
_E, _S, _L, _X = Phase.ENDING, Phase.SETTLING, Phase.RELEASING, Phase.STOPPED
_D, _V, _B, _W, _C = Phase.DELETING, Phase.EMPTYING, Phase.BURYING, Phase.LINGERING, Phase.CLEARING

WORK_EVENTS: tuple[type, ...] = (
    DocumentOpened,
    DocumentRefused,
    OpeningLost,
    PageRendered,
    PageExtracted,
    PageFailed,
    ReplicaLost,
    PageRecognized,
    ResultSaved,
    OutputAssembled,
    OutputFailed,
)

REQUESTS: tuple[type, ...] = (CancelRequested, DeleteRequested, DrainRequested, OwnerFenced)
DELETION_EVENTS: tuple[type, ...] = (DeletingSaved, StoreEmptied, CallsExpired)

TRANSITIONS: dict[tuple[Phase, type], Transition] = {
    (_U, JobClaimed): Transition(claiming.claimed, (_O, _R, _A, _E, _V)),
    (_U, TombstoneFound): Transition(deletion.tombstone_found, (_W,)),
    (_O, DocumentOpened): Transition(claiming.opened, (_O, _R, _A)),
    (_O, DocumentRefused): Transition(claiming.refused, (_O, _E)),
    (_O, OpeningLost): Transition(claiming.opening_lost, (_O, _E)),
    (_R, PageRendered): Transition(reading.rendered, (_R,)),
    (_R, PageExtracted): Transition(reading.text_extracted, (_R,)),
    (_R, PageRecognized): Transition(reading.recognized, (_R,)),
    (_R, ResultSaved): Transition(reading.result_saved, (_R, _A)),
    (_R, PageFailed): Transition(reading.failed, (_R, _A, _E)),
    (_R, ReplicaLost): Transition(reading.replica_lost, (_R, _A, _E)),
    (_A, OutputAssembled): Transition(ending.output_assembled, (_A, _E)),
    (_A, OutputFailed): Transition(ending.output_failed, (_A, _E)),
    (_O, CancelRequested): Transition(ending.cancel, (_E,)),
    (_R, CancelRequested): Transition(ending.cancel, (_R, _A, _E)),
    (_A, CancelRequested): Transition(ending.cancel, (_A,)),
    (_E, TerminalSaved): Transition(ending.terminal_saved, (_S,)),
    (_S, MarkerSettled): Transition(ending.stop, (_X,)),
    (_L, ReleaseSaved): Transition(ending.stop, (_X,)),
    **{(phase, DeleteRequested): Transition(deletion.requested, (_D,)) for phase in (_O, _R, _A)},
    (_D, DeletingSaved): Transition(deletion.deleting_saved, (_V,)),
    (_V, StoreEmptied): Transition(deletion.emptied, (_V, _B)),
    (_B, TombstoneSaved): Transition(deletion.tombstone_saved, (_W,)),
    (_W, CallsExpired): Transition(deletion.calls_expired, (_C,)),
    (_C, StoreEmptied): Transition(deletion.cleared, (_C, _S)),
    **{(phase, DrainRequested): Transition(ending.drain, (_L,)) for phase in (_O, _R, _A)},
    **{(phase, DrainRequested): Transition(deletion.release, (_L,)) for phase in (_D, _V)},
    **{(phase, DrainRequested): Transition(deletion.leave, (_X,)) for phase in (_W, _C)},
    **{(phase, OwnerFenced): Transition(ending.fenced, (_X,)) for phase in (_O, _R, _A, _E, _S, _L, _D, _V, _B)},
}
"""What each fact means in each phase."""

_IGNORED: dict[tuple[Phase, type], Transition] = {
    (phase, event): Transition(ending.ignore, (phase,))
    for phases, events in (
        ((_O, _R, _A, _E, _S, _L, _D, _V, _B, _W, _C, _X), (*WORK_EVENTS, *REQUESTS)),
        ((_S, _L, _D, _V, _B, _W, _C, _X), DELETION_EVENTS),
    )
    for phase in phases
    for event in events
    if (phase, event) not in TRANSITIONS
}


def step(state: JobState, event: Event, now: str) -> Outcome:
    """One fact in; the new state and the orders that follow from it out. IllegalTransition where the table has none."""
    key = (state.phase, type(event))
    transition = TRANSITIONS.get(key) or _IGNORED.get(key)
    if transition is None:
        raise IllegalTransition(_story(state, event, "is not allowed"))
    run = getattr(event, "run", None)
    if isinstance(event, WORK_EVENTS) and (state.record is None or run != state.record.run):
        return state, []
    after, effects = transition.handler(state, event, now)
    if after.phase not in transition.leads_to:
        raise IllegalTransition(_story(state, event, f"may not lead to {after.phase}"))
    return replace(after, history=(*state.history[-HISTORY:], event)), effects


def _story(state: JobState, event: Event, verdict: str) -> str:
    past = "\n  ".join(repr(e)[:300] for e in state.history) or "(nothing)"
    return f"In phase {state.phase} the event {event!r} {verdict}. Before it came:\n  {past}"
