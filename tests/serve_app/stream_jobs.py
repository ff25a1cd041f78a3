"""Jobs for tests of event streams: their records and results stored, and shown by a host."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cluster.record import ErrorInfo, JobRecord, PageRecord, PageStatus
from tests.serve_app.builders import Server, ended, job_record

DONE = PageRecord(PageStatus.COMPLETED, run=1)
FAILED = PageRecord(PageStatus.FAILED, error=ErrorInfo("engine_failed", "No."))


def job(*done: int, pages: int = 3, **changes: Any) -> JobRecord:
    """A job being read, with these pages completed."""
    numbers = range(1, pages + 1)
    return job_record(pages={n: DONE if n in done else PageRecord() for n in numbers}, **changes)


async def stored(web: Server, record: JobRecord, *pages: int) -> None:
    """The record and the results of these pages are stored, and the host shows it."""
    for page in pages:
        await web.save_result(record.job_id, page, f"text {page}")
    await web.save(record)
    web.gateway.show(record)


async def finished(web: Server, record: JobRecord) -> JobRecord:
    """All pages have been read."""
    for page in record.pages:
        await web.save_result(record.job_id, page, f"text {page}")
    record = ended(replace(record, pages=dict.fromkeys(record.pages, DONE)))
    await web.save(record)
    return record
