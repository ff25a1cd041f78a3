"""Moments of a job's life at which a script may strike: the gaps between its writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cluster import layout
from cluster.marker import Marker, Operation, decode_marker
from cluster.record import JobStatus, Tombstone, decode
from tests.actors.job.simulation.history import Act


class Gap(StrEnum):
    """Right after which write; its answer is still on the way."""

    UPLOAD = "upload"
    MARKER = "marker"
    ORDER = "order"
    CLAIM = "claim"
    RESULT = "result"
    RECORD = "record"
    TERMINAL = "terminal"
    CALLBACK = "callback"
    DELETING = "deleting"
    TOMBSTONE = "tombstone"
    MARKER_GONE = "marker gone"


@dataclass(frozen=True, slots=True)
class Moment:
    """``pause_s`` after the ``count``-th time that this gap came in the life of the script's ``job``."""

    gap: Gap
    job: int
    count: int = 1
    pause_s: float = 0.0


class Watch:
    """Tells which gap of a job's life an act opens. It is shown every act, in order."""

    def __init__(self, marker: Marker) -> None:
        self._record = layout.record(marker.prefix)
        self._marker = layout.marker(marker.job_id)
        self._upload = marker.prefix + marker.document.raw_file
        self._prefix = marker.prefix
        self._accepted = False
        self._epoch = 0

    def gap(self, act: Act) -> Gap | None:
        data = act.request.data
        if act.name == self._marker:
            return self._marker_gap(act)
        if data is None:
            return None
        if act.name == self._record:
            return self._record_gap(data)
        if act.name == self._upload:
            return Gap.UPLOAD
        return Gap.RESULT if layout.page_of_result(self._prefix, act.name) is not None else None

    def _marker_gap(self, act: Act) -> Gap | None:
        if act.request.data is None:
            return Gap.MARKER_GONE if act.request.writes else None
        if decode_marker(act.request.data).operation is Operation.CALLBACK:
            return Gap.CALLBACK
        accepted, self._accepted = self._accepted, True
        return Gap.ORDER if accepted else Gap.MARKER

    def _record_gap(self, data: bytes) -> Gap:
        record = decode(data)
        if isinstance(record, Tombstone):
            return Gap.TOMBSTONE
        if record.epoch > self._epoch:
            self._epoch = record.epoch
            return Gap.CLAIM
        if record.terminal:
            return Gap.TERMINAL
        return Gap.DELETING if record.status is JobStatus.DELETING else Gap.RECORD
