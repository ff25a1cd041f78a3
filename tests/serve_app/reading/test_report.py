from __future__ import annotations

import io
import os

from serve_app.reading.order import Format
from serve_app.reading.outcome import Ending, Outcome
from serve_app.reading.report import Report


def test_a_name_that_is_no_utf_8_is_printed_as_it_is() -> None:
    printed = io.BytesIO()
    stdout = io.TextIOWrapper(printed, encoding="utf-8", errors="strict")
    report = Report(stdout, Format.MD, 2, as_json=False, folder=None)
    report.ended(0, Outcome(os.fsdecode(b"\xff.pdf"), Ending.COMPLETED, content=b"text\n"))
    assert printed.getvalue() == b"==> \xff.pdf <==\ntext\n"
