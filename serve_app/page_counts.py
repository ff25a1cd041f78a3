"""How far a job's pages are, as the client shows it."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.record import JobRecord, PageStatus


@dataclass(frozen=True, slots=True)
class PageCounts:
    """total: pages that were asked for, None before the document is opened. read: completed and failed ones."""

    total: int | None
    extracted: int
    read: int
    failed: int


def page_counts(record: JobRecord) -> PageCounts:
    return PageCounts(
        total=len(record.pages) or None,
        extracted=record.pages_extracted,
        read=record.pages_completed + record.pages_failed,
        failed=record.pages_failed,
    )


def failed_pages(record: JobRecord) -> list[str]:
    """``3 (render_failed)`` for each page that could not be read, in order."""
    failed = [(number, page) for number, page in sorted(record.pages.items()) if page.status is PageStatus.FAILED]
    return [f"{number} ({page.error.code})" if page.error else str(number) for number, page in failed]
