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

from actors.job import claiming, ending, reading
from actors.job.effects import Effect
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
    PageFailed,
    PageRecognized,
    PageRendered,
    ReleaseSaved,
    ReplicaLost,
    ResultSaved,
    TerminalSaved,
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

WORK_EVENTS: tuple[type, ...] = (
    DocumentOpened,
    DocumentRefused,
    OpeningLost,
    PageRendered,
    PageFailed,
    ReplicaLost,
    PageRecognized,
    ResultSaved,
    OutputAssembled,
    OutputFailed,
)

TRANSITIONS: dict[tuple[Phase, type], Transition] = {
    (_U, JobClaimed): Transition(claiming.claimed, (_O, _R, _A, _E)),
    (_O, DocumentOpened): Transition(claiming.opened, (_O, _R, _A)),
    (_O, DocumentRefused): Transition(claiming.refused, (_O, _E)),
    (_O, OpeningLost): Transition(claiming.opening_lost, (_O, _E)),
    (_R, PageRendered): Transition(reading.rendered, (_R,)),
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
    **{(phase, DrainRequested): Transition(ending.drain, (_L,)) for phase in (_O, _R, _A)},
    **{(phase, OwnerFenced): Transition(ending.fenced, (_X,)) for phase in (_O, _R, _A, _E, _S, _L)},
}
"""What each fact means in each phase."""

_IGNORED: dict[tuple[Phase, type], Transition] = {
    (phase, event): Transition(ending.ignore, (phase,))
    for phase in (_O, _R, _A, _E, _S, _L, _X)
    for event in (*WORK_EVENTS, CancelRequested, DrainRequested, OwnerFenced)
    if (phase, event) not in TRANSITIONS
}


def step(state: JobState, event: Event, now: str) -> Outcome:
    """One fact in; the new state and the orders that follow from it out. IllegalTransition where the table has none."""
    key = (state.phase, type(event))
    transition = TRANSITIONS.get(key) or _IGNORED.get(key)
    if transition is None:
        raise IllegalTransition(_story(state, event, "is not allowed"))
    run = getattr(event, "run", None)
    if isinstance(event, WORK_EVENTS) and run != state.job.run:
        return state, []
    after, effects = transition.handler(state, event, now)
    if after.phase not in transition.leads_to:
        raise IllegalTransition(_story(state, event, f"may not lead to {after.phase}"))
    return replace(after, history=(*state.history[-HISTORY:], event)), effects


def _story(state: JobState, event: Event, verdict: str) -> str:
    past = "\n  ".join(repr(e)[:300] for e in state.history) or "(nothing)"
    return f"In phase {state.phase} the event {event!r} {verdict}. Before it came:\n  {past}"
