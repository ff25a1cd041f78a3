"""Records as they were stored, word for word: whatever the code becomes, it goes on reading these.

``record-1.json`` is a whole record of schema_version 1; ``record-1-early.json`` was stored before the fields beyond the
first ones were there; ``record-1-later.json`` has fields of a version that is still to come. None of them is ever
changed; a new version of the schema gets a new file.
"""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from cluster.options import JobOptions
from cluster.record import ErrorInfo, JobRecord, JobStatus, PageStatus, Step, decode, encode
from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "tests" / "cluster" / "data"


def sample(name: str) -> JobRecord:
    record = decode((FOLDER / f"{name}.json").read_bytes())
    assert isinstance(record, JobRecord)
    return record


def test_a_whole_record() -> None:
    record = sample("record-1")
    assert (record.status, record.current_step, record.percent) == (JobStatus.PARTIAL, Step.COMPLETED, 100)
    assert (record.epoch, record.revision, record.run, record.owner) == (2, 14, 1, "")
    assert record.file_info.filename == "Brief an Ada.pdf"
    assert record.outputs == {"md": "result-1-2.md", "txt": "result-1-2.txt"}
    assert JobOptions.from_dict(record.options) == JobOptions("ocr", "1-3", 200, "letters")
    assert [page.status for page in record.pages.values()] == [
        PageStatus.COMPLETED,
        PageStatus.FAILED,
        PageStatus.COMPLETED,
    ]
    assert record.pages[2].error == ErrorInfo("engine_timeout", "Reading the page took too long.")
    assert (record.pages[3].attempts, record.pages[3].rotation, record.pages[3].confidence) == (2, 90, 0.871)


def test_a_whole_record_is_written_as_it_was_read() -> None:
    """Nothing that is stored is lost by a save; fields that came later may stand beside it."""
    stored = orjson.loads((FOLDER / "record-1.json").read_bytes())
    assert _holds(orjson.loads(encode(sample("record-1"))), stored)


def test_a_record_from_before_the_later_fields() -> None:
    record = sample("record-1-early")
    assert (record.owner, record.epoch, record.revision, record.run, record.recoveries) == ("", 0, 0, 1, 0)
    assert (record.options, record.outputs, record.error) == ({}, {}, None)
    assert JobOptions.from_dict(record.options) == JobOptions()
    assert (record.pages[1].engine, record.pages[1].attempts, record.pages[1].confidence) == (None, 0, None)
    assert decode(encode(record)) == record


def test_a_record_with_fields_that_are_still_to_come() -> None:
    record = sample("record-1-later")
    assert (record.status, record.revision, record.file_info.file_size) == (JobStatus.COMPLETED, 6, 512)
    assert JobOptions.from_dict(record.options) == JobOptions(session_id="letters")
    assert record.outputs["epub"] == "result-1-1.epub"
    assert decode(encode(record)) == record


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("record-*.json")))
def test_every_sample_is_of_a_version_that_is_read(name: str) -> None:
    assert sample(name).schema_version == int(name.split("-")[1])


def _holds(whole: Any, part: Any) -> bool:
    """Whether ``part`` stands in ``whole``, field by field."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and _holds(whole[name], value) for name, value in part.items())
    return bool(whole == part)
