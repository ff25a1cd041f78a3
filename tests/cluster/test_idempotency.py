"""The idempotency entry."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import orjson
import pytest

from cluster.errors import RecordDamaged
from cluster.idempotency import IdempotencyEntry, decode_entry, encode_entry, request_digest
from cluster.options import JobOptions
from tests.serve_app.builders import job_marker


def test_it_holds_all_of_the_marker_but_the_password() -> None:
    entry = IdempotencyEntry("ab" * 32, job_marker(password="secret", idempotency="cd" * 32), "upload", "ef" * 32)
    data = encode_entry(entry)
    assert b"secret" not in data
    assert decode_entry(data) == replace(entry, marker=replace(entry.marker, password=None))


def test_later_fields_are_ignored() -> None:
    fields = orjson.loads(encode_entry(IdempotencyEntry("ab", job_marker())))
    fields["later"] = fields["marker"]["later"] = 1
    assert decode_entry(orjson.dumps(fields)).digest == "ab"


def test_an_entry_from_before_there_were_uploads() -> None:
    fields = orjson.loads(encode_entry(IdempotencyEntry("ab", job_marker())))
    del fields["upload_id"], fields["document"]
    assert decode_entry(orjson.dumps(fields)) == IdempotencyEntry("ab", job_marker(fields["marker"]["job_id"]))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"digest": "x"}', b'{"digest": "x", "marker": 3}'])
def test_what_can_not_be_read(data: bytes) -> None:
    with pytest.raises(RecordDamaged):
        decode_entry(data)


def test_the_digest_tells_documents_and_options_apart() -> None:
    asked = [
        JobOptions(),
        JobOptions(mode="ocr"),
        JobOptions(pages="1"),
        JobOptions(dpi=200),
        JobOptions(session_id="s"),
        JobOptions(languages="de"),
        JobOptions(layout="plain"),
    ]
    digests = {request_digest(document, options) for document in ("a", "b") for options in asked}
    assert len(digests) == 14
    assert request_digest("a", JobOptions()) == request_digest("a", JobOptions(mode="auto", dpi=150))


def test_the_digest_is_of_one_spelling_for_ever() -> None:
    """Stored entries outlive a version of the code."""
    spelled = b'{"document":"d0c","options":{"mode":"ocr","pages":"1-3"}}'
    assert request_digest("d0c", JobOptions(mode="ocr", pages="1-3")) == hashlib.sha256(spelled).hexdigest()
