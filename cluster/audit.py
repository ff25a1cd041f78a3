"""The audit log: a line for every deletion taken up, every one carried out, and every retention round.

A line is one JSON object: ``at`` (UTC), ``event``, ``reason`` (``user`` or ``retention``: on whose wish), and where it
is about one job ``user`` and ``job_id``. Users are named by their hash (cluster/ids.py): the log outlives what was
deleted, so it holds nothing personal, and whoever has an e-mail address can compute its hash.

Lines go through the logger ``gnosis.audit``. ``start_logging`` (telemetry.py) appends them to the file that
GNOSIS_AUDIT_LOG names, or else writes them to the process's stdout, which Ray keeps apart (``worker-*.out``) from all
other logs: they go to stderr. A line that tells of a deletion may come twice, where another host goes on with it; none
is left out: the job's owner writes both.
"""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum

import orjson

from cluster.clock import to_text

LOGGER = "gnosis.audit"

_log = logging.getLogger(LOGGER)


class AuditEvent(StrEnum):
    DELETION_ORDERED = "deletion_ordered"  # a host has found its marker: the job will be deleted, whatever dies
    JOB_DELETED = "job_deleted"  # nothing is left of it but its tombstone
    UPLOAD_REMOVED = "upload_removed"  # an upload that never became a job
    UPLOAD_EXPIRED = "upload_expired"  # a resumable upload that nobody made a job of in time
    TOMBSTONE_REMOVED = "tombstone_removed"
    RETENTION_ROUND = "retention_round"


class Reason(StrEnum):
    """On whose wish something is deleted."""

    USER = "user"
    RETENTION = "retention"


def audit(event: AuditEvent, at: datetime, reason: str, **facts: str | int) -> None:
    """facts: ``user`` (a hash), ``job_id`` or ``upload_id``, counts."""
    line = {"at": to_text(at), "event": event, "reason": reason, **facts}
    _log.info("%s", orjson.dumps(line).decode())
