"""What a host makes of a marker that it does not know: claim, wait, remove, put aside, or leave alone.

Pure: everything that was read is an argument, what shall be done is the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cluster.blobs.port import Blob
from cluster.errors import RecordDamaged, RecordTooNew
from cluster.layout import heartbeat_of_owner
from cluster.marker import Marker, Operation, queued_record
from cluster.record import JobRecord, Tombstone, decode

_OWNER = re.compile(r"(\w[\w.-]{0,99}/){2}[0-9]{1,18}/\w[\w.-]{0,99}", re.ASCII)
"""``<cluster>/<host name>/<incarnation>/<random>``."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Claim the record. released: its last owner let go of it, or it never had one.

    blamed: its last owner was a host of this cluster, so that the job may have taken it down. No job takes a whole
    cluster down, so one that was lost with all its jobs is not held against them.
    """

    record: JobRecord
    released: bool
    blamed: bool = False


@dataclass(frozen=True, slots=True)
class AwaitOwner:
    """The owner may live: claim once this heartbeat stands still."""

    heartbeat: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """The job has ended, and its callback is due. written: the marker says so, with this process as its deliverer."""

    record: JobRecord
    written: bool


@dataclass(frozen=True, slots=True)
class EndDeletion:
    """A tombstone stands already: see the deletion to its end, without a claim."""

    tombstone: Tombstone


@dataclass(frozen=True, slots=True)
class RemoveMarker:
    """Nothing is left to do for it."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The record can't be read: put the marker aside for a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """Another deployment's job."""

    reason: str


Verdict = Claim | AwaitOwner | Deliver | EndDeletion | RemoveMarker | Quarantine | LeaveAlone


def judge(marker: Marker, found: Blob | None, host: str, dead: frozenset[str]) -> Verdict:
    """host: ``<cluster>/<host name>/<incarnation>`` of this process. dead: heartbeats that were seen to stand still."""
    deletion = marker.operation is Operation.DELETE
    if found is None and marker.operation is Operation.CALLBACK:
        return Quarantine("Its callback is due, but it has no record.")
    if found is None:
        return Claim(queued_record(marker), released=True)
    try:
        record = decode(found.data)
    except RecordDamaged as error:
        return Quarantine(error.detail)
    except RecordTooNew as error:
        return LeaveAlone(error.detail)
    if isinstance(record, Tombstone):
        return EndDeletion(record) if deletion else RemoveMarker()
    if record.terminal and not deletion and marker.run <= record.run:
        return RemoveMarker() if marker.job_options.callback_url is None else _delivery(marker, record, host, dead)
    if record.owner == "":
        return Claim(record, released=True)
    if _OWNER.fullmatch(record.owner) is None:
        return Quarantine(f"Its owner {record.owner[:80]!r} is none.")
    heartbeat = heartbeat_of_owner(record.owner)
    if _ours(record.owner, host) or heartbeat in dead:
        return Claim(record, released=False, blamed=record.owner.partition("/")[0] == host.partition("/")[0])
    return AwaitOwner(heartbeat)


def _delivery(marker: Marker, record: JobRecord, host: str, dead: frozenset[str]) -> Verdict:
    """A callback that is due has a deliverer as a record has an owner, and is taken from it by the same rules.

    What is no owner counts as none: nothing but doubles can come of it.
    """
    deliverer = marker.deliverer if marker.operation is Operation.CALLBACK else ""
    if _OWNER.fullmatch(deliverer) is None:
        return Deliver(record, written=False)
    heartbeat = heartbeat_of_owner(deliverer)
    if _ours(deliverer, host) or heartbeat in dead:
        return Deliver(record, written=deliverer.rpartition("/")[0] == host)
    return AwaitOwner(heartbeat)


def _ours(owner: str, host: str) -> bool:
    """An earlier life of this host, or this one, which does not run the job (it asks because it does not know it)."""
    place, _, incarnation = owner.rpartition("/")[0].rpartition("/")
    own_place, _, own_incarnation = host.rpartition("/")
    return place == own_place and int(incarnation) <= int(own_incarnation)
