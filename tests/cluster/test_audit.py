"""An audit line is one JSON object that names nobody by an address."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cluster.audit import AuditEvent, Reason, audit

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_a_line_says_what_when_and_on_whose_wish(audit_log: list[dict[str, Any]]) -> None:
    audit(AuditEvent.JOB_DELETED, NOON, Reason.USER, user="cfe0", job_id="j")
    audit(AuditEvent.RETENTION_ROUND, NOON, Reason.RETENTION, users=3)
    assert audit_log == [
        {"at": "2026-01-31T12:00:00.000000Z", "event": "job_deleted", "reason": "user", "user": "cfe0", "job_id": "j"},
        {"at": "2026-01-31T12:00:00.000000Z", "event": "retention_round", "reason": "retention", "users": 3},
    ]
