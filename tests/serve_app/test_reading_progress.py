from __future__ import annotations

from io import StringIO

from rich.console import Console

from serve_app.page_counts import PageCounts, failed_pages, page_counts
from serve_app.reading_progress import ReadingProgress
from tests.serve_app.canned_server import COMPLETED, EXTRACTING, PARTIAL, PROCESSING, QUEUED


def shown(*, terminal: bool) -> str:
    text = StringIO()
    console = Console(file=text, force_terminal=terminal, width=100, color_system=None)
    with ReadingProgress(console) as progress:
        progress.sent(1_500_000, 3_000_000)
        for record in (QUEUED, EXTRACTING, PROCESSING, PARTIAL):
            progress.show(record)
    return text.getvalue()


def test_sending_extracting_and_reading_are_told_apart() -> None:
    lines = [line.rstrip() for line in shown(terminal=True).splitlines()]
    last = [line for line in lines if "pages" in line or "MB" in line][-3:]
    assert [line.split()[0].lstrip("\x1b[2K\r1A") for line in last] == ["sending", "extracting", "reading"]
    assert "1.5/3.0 MB" in last[0]
    assert "2/2 pages" in last[1]
    assert "2/2 pages, 1 failed" in last[2]


def test_nothing_is_written_where_no_one_watches() -> None:
    assert shown(terminal=False) == ""


def test_page_counts() -> None:
    assert page_counts(QUEUED) == PageCounts(None, 0, 0, 0)
    assert page_counts(PROCESSING) == PageCounts(2, 1, 1, 0)
    assert page_counts(PARTIAL) == PageCounts(2, 2, 2, 1)


def test_failed_pages() -> None:
    assert failed_pages(COMPLETED) == []
    assert failed_pages(PARTIAL) == ["2 (render_failed)"]
