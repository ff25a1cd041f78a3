"""The idempotency entry: which request a client's Idempotency-Key stands for.

It is stored create-only between the upload and the marker, and holds all of the marker but the password: who finds
the entry and neither marker nor record (its Ingress died in between) creates that marker.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import orjson

from cluster.errors import RecordDamaged
from cluster.marker import Marker, decode_marker
from cluster.options import JobOptions

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class IdempotencyEntry:
    """digest: of document and options (``request_digest``). marker: the job's, without a password.

    upload_id, document: of a job that was made of a resumable upload, that and the document's sha256: the upload is
    removed once the job is accepted, and a repeated request can name nothing else.
    """

    digest: str
    marker: Marker
    upload_id: str | None = None
    document: str | None = None
    schema_version: int = SCHEMA_VERSION


def request_digest(document_sha256: str, options: JobOptions) -> str:
    """SHA-256 hex of what was asked for. document_sha256: of the content, or of its address where it is yet to be
    fetched. Options at their default don't count, so that new options change no digest."""
    default = JobOptions().as_dict()
    asked = {name: value for name, value in options.as_dict().items() if value != default[name]}
    content = orjson.dumps({"document": document_sha256, "options": asked}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()


def encode_entry(entry: IdempotencyEntry) -> bytes:
    return orjson.dumps(replace(entry, marker=replace(entry.marker, password=None)), option=orjson.OPT_INDENT_2)


def decode_entry(data: bytes) -> IdempotencyEntry:
    """Raises RecordDamaged where the content is unreadable."""
    try:
        fields = orjson.loads(data)
        marker = decode_marker(orjson.dumps(fields["marker"]))
        return IdempotencyEntry(str(fields["digest"]), marker, fields.get("upload_id"), fields.get("document"))
    except (ValueError, KeyError, TypeError) as error:
        raise RecordDamaged(f"The idempotency entry is unreadable: {type(error).__name__} {error}.") from error
