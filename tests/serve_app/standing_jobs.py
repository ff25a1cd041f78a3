"""A job in every state, put into the store before anything is asked."""

from __future__ import annotations

from dataclasses import replace

from cluster import layout
from cluster.record import ErrorInfo, JobRecord, JobStatus, PageRecord, PageStatus
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import PNG, Server, ended, job_marker, job_record

UNENDED = 2
"""So many of them, the first, have not ended."""


async def put_standing_jobs(web: Server) -> list[str]:
    """The ids: accepted, running, completed, partial, failed, cancelled."""
    accepted = job_marker()
    await web.mark(accepted)
    running, completed, partial, failed, cancelled = (job_record() for _ in range(5))
    bad_page = PageRecord(status=PageStatus.FAILED, error=ErrorInfo("engine_failed", "It broke."), attempts=3)
    pages = {1: completed.pages[1], 2: bad_page, 3: PageRecord(status=PageStatus.SKIPPED)}
    outputs = {"md": "result-1-1.md", "txt": "result-1-1.txt"}
    whole = {number: replace(completed.pages[1], source="ocr", confidence=0.5) for number in (1, 2, 3)}
    records: list[JobRecord] = [
        running,
        ended(completed, pages=whole, outputs=outputs, percent=100, pages_completed=3),
        ended(partial, JobStatus.PARTIAL, pages=pages, outputs=outputs, pages_completed=1, pages_failed=1),
        ended(failed, JobStatus.FAILED, pages={}, error=ErrorInfo("document_damaged", "The document is damaged.")),
        ended(cancelled, JobStatus.CANCELLED, pages=pages),
    ]
    for record in records:
        await web.save(record)
        await web.save_result(record.job_id, 1, "Text.")
        prefix = layout.job_prefix(ANONYMOUS, record.job_id)
        await web.store.put(layout.page_image(prefix, 1), PNG)
        for output in outputs.values():
            await web.store.put(prefix + output, b"Text.")
        await web.store.put(layout.index(ANONYMOUS, record.job_id), b"")
    await web.store.put(layout.index(ANONYMOUS, accepted.job_id), b"")
    await web.mark(job_marker(running.job_id))
    return [accepted.job_id, *(record.job_id for record in records)]
