"""Deletion: the job's end for good, from the order to the marker's removal.

Theory of operation. The record is stored as ``deleting`` first: then the job is gone for everybody, and the order can
be answered. What is stored of the job is removed, and the record replaced by a tombstone, so that its name stays taken
and no late first write brings the job back. Calls made for the job (by this owner, or by one that died) may still be
under way and store a page image or an output; so the marker, which is the order, stays until they have ended or timed
out, everything is removed once more, and only then it goes. Every step may be done twice, and whoever finds the marker
goes on from what the record says: none or any other than a tombstone, from its claim; a tombstone, from the waiting.
Over a tombstone nothing is written, so its end needs no claim.
"""

from __future__ import annotations

from dataclasses import replace

from actors.job.effects import (
    AwaitCalls,
    DropWork,
    Effect,
    EmptyStore,
    SaveKind,
    SaveRecord,
    SaveTombstone,
    SettleMarker,
    Stop,
)
from actors.job.events import (
    CallsExpired,
    DeleteRequested,
    DeletingSaved,
    DrainRequested,
    StoreEmptied,
    TombstoneFound,
    TombstoneSaved,
)
from actors.job.state import JobState, Phase
from cluster.record import JobRecord, JobStatus

Outcome = tuple[JobState, list[Effect]]


def condemned(record: JobRecord) -> JobRecord:
    """The record of a job that is being deleted: what its pages were is of no more use."""
    return replace(
        record,
        status=JobStatus.DELETING,
        message="Being deleted.",
        pages={},
        outputs={},
        outputs_missing={},
        pages_extracted=0,
        pages_completed=0,
        pages_failed=0,
        recoveries=0,
        error=None,
    )


def requested(state: JobState, event: DeleteRequested, now: str) -> Outcome:
    record = replace(condemned(state.job), updated_at=now)
    state = JobState(state.policy, record=record, phase=Phase.DELETING, history=state.history)
    return state, [DropWork(everything=True), SaveRecord(SaveKind.DELETING)]


def claimed(state: JobState, record: JobRecord) -> Outcome:
    """The claim itself has stored that the job is being deleted."""
    return replace(state, record=record, phase=Phase.EMPTYING), [EmptyStore(last=False)]


def deleting_saved(state: JobState, event: DeletingSaved, now: str) -> Outcome:
    return replace(state, phase=Phase.EMPTYING), [EmptyStore(last=False)]


def emptied(state: JobState, event: StoreEmptied, now: str) -> Outcome:
    if event.last:
        return state, []
    return replace(state, phase=Phase.BURYING), [SaveTombstone()]


def tombstone_saved(state: JobState, event: TombstoneSaved, now: str) -> Outcome:
    return _linger(state)


def tombstone_found(state: JobState, event: TombstoneFound, now: str) -> Outcome:
    return _linger(state)


def _linger(state: JobState) -> Outcome:
    return replace(state, record=None, phase=Phase.LINGERING), [AwaitCalls()]


def calls_expired(state: JobState, event: CallsExpired, now: str) -> Outcome:
    return replace(state, phase=Phase.CLEARING), [EmptyStore(last=True)]


def cleared(state: JobState, event: StoreEmptied, now: str) -> Outcome:
    if not event.last:
        return state, []
    return replace(state, phase=Phase.SETTLING), [SettleMarker()]


def release(state: JobState, event: DrainRequested, now: str) -> Outcome:
    """The host goes: the next owner goes on with the emptying."""
    record = replace(state.job, owner="", updated_at=now)
    return replace(state, record=record, phase=Phase.RELEASING), [
        DropWork(everything=True),
        SaveRecord(SaveKind.RELEASE),
    ]


def leave(state: JobState, event: DrainRequested, now: str) -> Outcome:
    """The host goes. The marker stands, and the next host that finds it waits as long again."""
    return replace(state, phase=Phase.STOPPED), [DropWork(everything=True), Stop()]
