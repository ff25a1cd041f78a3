"""The marker carries all that a job needs, and is read back as it was written."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.errors import RecordDamaged
from cluster.layout import job_prefix
from cluster.marker import Marker, Operation, decode_marker, encode_marker, marker_of, queued_record
from cluster.options import JobOptions
from cluster.record import FileInfo, JobRecord, JobStatus, decode, encode
from tests.cluster.strategies import json_values, markers


def make_marker(*, session_id: str | None = None, password: str | None = None) -> Marker:
    return Marker(
        job_id="0197a3c0-0000-7000-8000-000000000001",
        operation=Operation.RUN,
        run=1,
        user_email="ada@example.org",
        prefix="users/0/jobs/0/",
        document=FileInfo("scan.pdf", "pdf", 0, "raw/document.pdf", 1234),
        created_at="2026-01-01T00:00:00.000000Z",
        options=JobOptions(dpi=200, session_id=session_id).as_dict(),
        password=password,
    )


def fields_of(marker: Marker) -> dict[str, Any]:
    fields: dict[str, Any] = orjson.loads(encode_marker(marker))
    return fields


@given(markers)
def test_marker_survives_the_store(marker: Marker) -> None:
    assert decode_marker(encode_marker(marker)) == marker


def test_fields_of_later_versions_are_ignored() -> None:
    marker = make_marker()
    fields = fields_of(marker) | {"colour": "red"}
    fields["document"]["colour"] = "red"
    assert decode_marker(orjson.dumps(fields)) == marker


@pytest.mark.parametrize("data", [b"", b"\xff", b"null", b"[]", b"7", b"{}", b'{"operation": "run"}'])
def test_what_is_no_marker_is_damaged(data: bytes) -> None:
    with pytest.raises(RecordDamaged):
        decode_marker(data)


def test_an_unknown_operation_is_damage() -> None:
    with pytest.raises(RecordDamaged):
        decode_marker(orjson.dumps(fields_of(make_marker()) | {"operation": "paint"}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("run", "1"),
        ("run", None),
        ("options", None),
        ("options", []),
        ("prefix", 7),
        ("job_id", None),
        ("deliverer", {}),
    ],
)
def test_a_value_of_another_kind_is_damage(name: str, value: object) -> None:
    with pytest.raises(RecordDamaged, match=f"{name} is no"):
        decode_marker(orjson.dumps(fields_of(make_marker()) | {name: value}))


@given(st.sampled_from(sorted(fields_of(make_marker()))), json_values)
def test_any_value_anywhere_is_read_or_refused(name: str, value: object) -> None:
    with suppress(RecordDamaged):
        marker = decode_marker(orjson.dumps(fields_of(make_marker()) | {name: value}))
        assert decode_marker(encode_marker(marker)) == marker


def test_an_order_changes_nothing_but_the_operation() -> None:
    marker = make_marker(password="open sesame")
    ordered = marker.ordered(Operation.DELETE)
    assert ordered.operation is Operation.DELETE
    assert ordered.ordered(Operation.RUN) == marker


def test_the_password_is_not_in_the_repr() -> None:
    assert "open sesame" not in repr(make_marker(password="open sesame"))


def test_options_are_read_back() -> None:
    assert make_marker(session_id="s").job_options == JobOptions(dpi=200, session_id="s")


def test_queued_record_shows_the_job_before_anyone_has_claimed_it() -> None:
    marker = make_marker(password="open sesame")
    record = queued_record(marker)
    assert (record.status, record.percent, record.run) == (JobStatus.QUEUED, 0, 1)
    assert (record.owner, record.epoch, record.revision) == ("", 0, 0)
    assert record.session_id == marker.job_id
    assert record.file_info == marker.document
    assert b"open sesame" not in encode(record)
    assert decode(encode(record)) == record


def test_queued_record_keeps_the_clients_session() -> None:
    assert queued_record(make_marker(session_id="letters")).session_id == "letters"


def test_a_deletion_needs_no_password_and_says_on_whose_wish() -> None:
    marker = make_marker(password="open sesame")
    deletion = marker.deletion("retention")
    assert (deletion.operation, deletion.password, deletion.reason) == (Operation.DELETE, None, "retention")
    assert decode_marker(encode_marker(deletion)) == deletion


def test_a_marker_can_be_made_again_from_the_record() -> None:
    marker = replace(make_marker(session_id="letters"), prefix=job_prefix("ada@example.org", make_marker().job_id))
    assert marker_of(queued_record(marker)) == marker
    assert marker_of(replace(queued_record(marker), run=3)).run == 3


def test_the_order_to_a_job_that_failed_to_fetch_its_document_knows_where_it_lies() -> None:
    marker = replace(
        make_marker(), source_uri="gs://scans/a.pdf", source_limit=7, document=FileInfo("a.pdf", "", 0, "", 0)
    )
    record = decode(encode(queued_record(marker)))
    assert isinstance(record, JobRecord)
    assert (marker_of(record).source_uri, marker_of(record).source_limit) == ("gs://scans/a.pdf", 7)
