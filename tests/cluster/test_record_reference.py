"""docs/record.md and cluster/record.py say the same."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from cluster.record import TERMINAL, FileInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step, Tombstone

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "record.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


def told(section: str) -> list[str]:
    """What the first column of its table names, in order."""
    rows = re.findall(r"^\| (`[^|]*) \|", SECTIONS[section], re.M)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


@pytest.mark.parametrize(
    ("section", "cls"), [("The job", JobRecord), ("The document", FileInfo), ("A page", PageRecord)]
)
def test_every_field_has_its_line_and_no_other(section: str, cls: Any) -> None:
    assert sorted(told(section)) == sorted(field.name for field in fields(cls))


def test_every_status_and_step() -> None:
    assert told("Status of a job") == [status.value for status in JobStatus]
    assert told("Steps") == [step.value for step in Step]
    (line,) = re.findall(r"^\| `status` \| (.*) \|$", SECTIONS["A page"], re.M)
    assert re.findall(r"`(\w+)`", line) == [status.value for status in PageStatus]


def test_which_are_an_end() -> None:
    ends = re.findall(r"^\| `(\w+)` \|[^|]*\| an end \|$", SECTIONS["Status of a job"], re.M)
    assert set(ends) == {status.value for status in TERMINAL}


def test_what_a_deleted_job_leaves() -> None:
    (line,) = re.findall(r"^\| `deleted` \| (.*) \|.*\|$", SECTIONS["Status of a job"], re.M)
    assert set(re.findall(r"`(\w+)`", line)) == {field.name for field in fields(Tombstone)}
