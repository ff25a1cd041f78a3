from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from cluster.record import JobRecord, JobStatus
from gnosis_ocr import JobCancelled, JobFailed, OptionInvalid
from tests.gnosis_ocr.canned_wire import Caller, Wire, record_answer
from tests.serve_app.canned_server import COMPLETED, FAILED, JOB_ID, PARTIAL, PROCESSING, QUEUED

TEXT = httpx.Response(200, content=b"# Page 1\n")


@pytest.mark.parametrize("ended", [COMPLETED, PARTIAL], ids=lambda record: str(record.status))
def test_reads_a_document(caller: Caller, ended: JobRecord) -> None:
    wire = Wire(record_answer(QUEUED, 202), record_answer(PROCESSING), record_answer(ended), TEXT)
    assert caller.call(wire, "read", b"%PDF-1.7", format="txt", mode="ocr") == "# Page 1\n"
    assert wire.lines == [
        "POST /api/jobs",
        f"GET /api/jobs/{JOB_ID}/status",
        f"GET /api/jobs/{JOB_ID}/status?wait=20",
        f"GET /api/jobs/{JOB_ID}/result?format=txt",
    ]
    assert b'name="mode"\r\n\r\nocr\r\n' in wire.bodies[0]


def test_a_format_that_is_no_text_is_refused_before_anything_is_sent(caller: Caller) -> None:
    wire = Wire(record_answer(QUEUED, 202))
    for method in ("read", "result_text"):
        with pytest.raises(OptionInvalid, match="`format` is `pdf`; text is in `md`"):
            caller.call(wire, method, b"%PDF-1.7", format="pdf")
    assert wire.requests == []


def test_a_job_that_fails_is_raised(caller: Caller) -> None:
    with pytest.raises(JobFailed, match="document_encrypted: The document is encrypted") as caught:
        caller.call(Wire(record_answer(QUEUED, 202), record_answer(FAILED)), "read", b"%PDF-1.7")
    assert caught.value.job.job_id == JOB_ID
    cancelled = replace(PROCESSING, status=JobStatus.CANCELLED)
    with pytest.raises(JobCancelled, match="was cancelled"):
        caller.call(Wire(record_answer(QUEUED, 202), record_answer(cancelled)), "read", b"%PDF-1.7")
