"""The record is read back as it was written; what can't be read is said to be damaged or too new, never guessed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.errors import RecordDamaged, RecordTooNew
from cluster.record import (
    SCHEMA_VERSION,
    TERMINAL,
    FileInfo,
    JobRecord,
    JobStatus,
    PageRecord,
    PageStatus,
    Step,
    Tombstone,
    decode,
    encode,
)
from tests.cluster.strategies import json_values, records

SEED_FIELDS = {
    *("job_id", "session_id", "status", "current_step", "message", "percent", "file_info", "user_email"),
    *("created_at", "updated_at", "pages"),
}
SEED_PAGE_FIELDS = {
    *("status", "image", "image_extracted_at", "processing_started_at", "processing_completed_at"),
    *("result_file", "error"),
}


def make_record(*, status: JobStatus = JobStatus.PROCESSING) -> JobRecord:
    return JobRecord(
        job_id="0197a3c0-0000-7000-8000-000000000001",
        session_id="letters",
        status=status,
        current_step=Step.OCR_PROCESSING,
        message="Reading page 1 of 2.",
        percent=40,
        file_info=FileInfo("scan.pdf", "pdf", 2, "raw/document.pdf", 1234),
        user_email="ada@example.org",
        created_at="2026-01-01T00:00:00.000000Z",
        updated_at="2026-01-01T00:00:01.000000Z",
        pages={1: PageRecord(PageStatus.COMPLETED, image="page_001.png", confidence=0.93), 2: PageRecord()},
        epoch=3,
        revision=17,
    )


def fields_of(record: JobRecord) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads(encode(record))
    return fields


@given(records)
def test_record_survives_the_store(record: JobRecord) -> None:
    assert decode(encode(record)) == record


@given(st.builds(Tombstone, st.text(max_size=9), st.integers(0, 2**40), st.integers(0, 2**40)))
def test_tombstone_survives_the_store(tombstone: Tombstone) -> None:
    assert decode(encode(tombstone)) == tombstone


def test_tombstone_holds_no_content() -> None:
    assert set(orjson.loads(encode(Tombstone("a", 2, 9)))) == {
        "job_id",
        "epoch",
        "revision",
        "status",
        "schema_version",
    }


def test_stored_names_are_those_of_the_contract() -> None:
    fields = fields_of(make_record())
    assert set(fields) >= SEED_FIELDS
    assert set(fields["file_info"]) == {"filename", "file_type", "total_pages", "raw_file", "file_size"}
    assert set(fields["pages"]) == {"1", "2"}
    assert set(fields["pages"]["1"]) >= SEED_PAGE_FIELDS
    assert "password" not in fields


def test_fields_of_later_versions_are_ignored() -> None:
    record = make_record()
    fields = fields_of(record)
    for part in (fields, fields["file_info"], fields["pages"]["1"]):
        part["colour_of_the_cover"] = {"red": 1}
    assert decode(orjson.dumps(fields)) == record


def test_fields_of_earlier_versions_may_be_missing() -> None:
    fields = fields_of(make_record())
    del fields["outputs"], fields["pages"]["2"]["rotation"]
    assert decode(orjson.dumps(fields)) == make_record()


def test_newer_schema_is_told_apart_from_damage() -> None:
    later = {"schema_version": SCHEMA_VERSION + 1, "everything": "else may have changed"}
    with pytest.raises(RecordTooNew, match=f"schema_version {SCHEMA_VERSION + 1}"):
        decode(orjson.dumps(later))


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"null", b"[]", b"7", b'"text"', b"{}", b'{"schema_version": "1"}', b'{"schema_version": 1}']
)
def test_what_is_no_record_is_damaged(data: bytes) -> None:
    with pytest.raises(RecordDamaged):
        decode(data)


@given(st.integers(0, 400))
def test_a_torn_record_is_damaged(length: int) -> None:
    with pytest.raises(RecordDamaged):
        decode(encode(make_record())[:length])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "sleeping"),
        ("current_step", None),
        ("percent", "much"),
        ("pages", []),
        ("pages", {"one": {}}),
        ("owner", 5),
    ],
)
def test_a_wrong_value_is_damage(name: str, value: object) -> None:
    with pytest.raises(RecordDamaged):
        decode(orjson.dumps(fields_of(make_record()) | {name: value}))


@given(st.sampled_from(sorted(fields_of(make_record()))), json_values)
def test_any_value_anywhere_is_read_or_refused(name: str, value: object) -> None:
    with suppress(RecordDamaged, RecordTooNew):
        record = decode(orjson.dumps(fields_of(make_record()) | {name: value}))
        assert decode(encode(record)) == record


@pytest.mark.parametrize("status", JobStatus)
def test_terminal_states(status: JobStatus) -> None:
    assert make_record(status=status).terminal == (status in TERMINAL)
    assert (status in TERMINAL) == (status.value in {"completed", "partial", "failed", "cancelled"})


def test_etag_is_quoted_epoch_and_revision() -> None:
    assert make_record().etag == '"3-17"'
    assert Tombstone("a", 3, 18).etag == '"3-18"'
