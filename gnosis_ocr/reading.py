"""One document read from beginning to end: submitted, waited for, its text fetched."""

from __future__ import annotations

from gnosis_ocr.bodies import OnProgress
from gnosis_ocr.errors import JobCancelled, JobFailed
from gnosis_ocr.jobs import waited
from gnosis_ocr.records import JobStatus
from gnosis_ocr.results import check_text, result_text
from gnosis_ocr.sources import SourceLike
from gnosis_ocr.steps import Plan
from gnosis_ocr.submission import JobOptions, submitted


def read(
    given: SourceLike,
    filename: str | None,
    options: JobOptions,
    key: str,
    on_progress: OnProgress | None,
    output: str,
) -> Plan[str]:
    """As ``submitted``, and JobFailed, JobCancelled, FormatNotAvailable; OptionInvalid where the format is no text."""
    check_text(output)
    job = yield from waited((yield from submitted(given, filename, options, key, on_progress)), None)
    if job.status is JobStatus.FAILED:
        raise JobFailed(job)
    if job.status is JobStatus.CANCELLED:
        raise JobCancelled(job)
    return (yield from result_text(job, output))
