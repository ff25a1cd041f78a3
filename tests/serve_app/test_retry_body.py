"""The body of a retry."""

from __future__ import annotations

import pytest

from cluster.record import JobStatus
from tests.serve_app.builders import Server, ended, job_record


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "body_malformed"),
        (b"[]", 400, "body_malformed"),
        (b'"password"', 400, "body_malformed"),
        (b"password=p", 400, "body_malformed"),
        (b"\xff", 400, "body_malformed"),
        (b'{"passwort": "p"}', 400, "option_invalid"),
        (b'{"password": "p", "dpi": 300}', 400, "option_invalid"),
        (b'{"password": 7}', 400, "option_invalid"),
        (b'{"password": "' + b"p" * 1025 + b'"}', 400, "option_invalid"),
        (b" " * 20_000, 413, "file_too_large"),
    ],
)
async def test_what_is_refused(web: Server, body: bytes, status: int, code: str) -> None:
    record = ended(job_record(), JobStatus.FAILED)
    await web.save(record)
    answer = await web.client.post(f"/api/jobs/{record.job_id}/retry", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await web.names("active/") == []
