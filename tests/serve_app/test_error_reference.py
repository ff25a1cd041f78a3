"""docs/errors.md and cluster/errors.py say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cluster.errors import PAGE_ERRORS, GnosisError, RecordDamaged, RecordTooNew, RequestError
from serve_app.openapi.problems import job_codes, page_codes, request_codes, status_of

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "errors.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


def rows(section: str) -> dict[str, list[str]]:
    """By code, what stands in the other columns of its line."""
    found: dict[str, list[str]] = {}
    for first, rest in re.findall(r"^\| (`[^|]*) \| (.*) \|$", SECTIONS[section], re.M):
        for code in re.findall(r"`([a-z_]+)`", first):
            assert code not in found, f"{code} has two lines"
            found[code] = rest.split(" | ")
    return found


def statuses() -> dict[str, int]:
    pending, found = [RequestError], [GnosisError, RecordDamaged, RecordTooNew]
    while pending:
        pending += (below := pending.pop().__subclasses__())
        found += below
    return {error.code: status_of(error) for error in found if error.code in request_codes()}


@pytest.mark.parametrize(
    ("section", "codes", "columns"),
    [
        ("A request is refused", request_codes(), 3),
        ("A job fails", job_codes(), 2),
        ("A page fails", page_codes(), 3),
    ],
)
def test_every_code_has_its_line_and_no_other(section: str, codes: list[str], columns: int) -> None:
    told = rows(section)
    assert sorted(told) == codes
    assert {len(columns) for columns in told.values()} == {columns}
    assert all(all(columns) for columns in told.values())


def test_every_request_is_answered_with_the_status_told() -> None:
    told = {code: int(columns[0]) for code, columns in rows("A request is refused").items()}
    assert told == {**statuses(), "internal_error": 500}


def test_pages_are_tried_again_as_told() -> None:
    assert {code: columns[0] for code, columns in rows("A page fails").items()} == {
        code: error.retry.value for code, error in PAGE_ERRORS.items()
    }


def test_other_documents_name_codes_with_their_status() -> None:
    told = [
        (path.name, int(status), code)
        for path in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]
        for status, code in re.findall(r"\b([45]\d\d) `([a-z_]+)`", path.read_text("utf-8"))
    ]
    assert len(told) > 30
    assert not [each for each in told if statuses().get(each[2]) != each[1]]
