from __future__ import annotations

import re
from io import StringIO

from rich.console import Console

from cluster.record import JobRecord, encode
from gnosis_ocr import Job
from serve_app.reading.progress import LONGEST_NAME, ReadingProgress
from tests.serve_app.canned_server import EXTRACTING, PARTIAL, PROCESSING, QUEUED


def as_job(record: JobRecord) -> Job:
    import json

    return Job.read(json.loads(encode(record)))


def shown(*, terminal: bool, documents: int = 2, name: str = "scan.pdf") -> str:
    """All that was written, without the terminal's own codes."""
    text = StringIO()
    console = Console(file=text, force_terminal=terminal, width=120, color_system=None)
    with ReadingProgress(documents, console) as progress:
        bar = progress.begin(name)
        bar.sent(1_500_000, 3_000_000)
        for record in (QUEUED, EXTRACTING, PROCESSING, PARTIAL):
            bar.show(as_job(record))
            progress._bars.refresh()
        bar.end(1)
        bar.end(1)
        progress.tell("[b]a line[/b] :smile: " + "x" * 200)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.getvalue())


def test_a_bar_for_the_document_and_one_for_all() -> None:
    text = shown(terminal=True)
    assert re.search(r"scan\.pdf .*queued", text)
    assert re.search(r"scan\.pdf .*0/2 pages, 1 extracted", text)
    assert re.search(r"scan\.pdf .*2/2 pages, 1 failed", text)
    assert re.search(r"total .*1/2 documents, 1 pages", text)


def test_one_document_has_no_total() -> None:
    assert "total" not in shown(terminal=True, documents=1)


def test_a_long_name_is_cut_at_its_beginning() -> None:
    text = shown(terminal=True, name="x" * 100 + "/scan.pdf")
    assert "…" + "x" * (LONGEST_NAME - 10) + "/scan.pdf " in text


def test_lines_alone_where_no_one_watches() -> None:
    assert shown(terminal=False) == "[b]a line[/b] :smile: " + "x" * 200 + "\n"
