"""A resumable upload as it is stored: an info blob, written when it is created, and parts, each created once.

How far it has come is told by its parts alone, so any Ingress takes the next one, and none has to remember anything.
An upload lives for a day from its creation, which its id tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from cluster.errors import RecordDamaged
from cluster.ids import moment_of

PART_BYTES = 8 << 20
"""The largest part; also the chunk that clients are advised to send."""

LIFETIME = timedelta(days=1)
KEPT_EXPIRED = timedelta(hours=1)
"""How long an expired upload still stands: a job may be being made of it, and until then clients are told why."""

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """length: bytes of the whole upload. metadata: the header Upload-Metadata as the client sent it, checked.

    created_at: as text, for people.
    """

    user_email: str
    length: int
    metadata: str
    created_at: str
    schema_version: int = SCHEMA_VERSION


def expiry_of(upload_id: str) -> datetime:
    """From when on the upload is expired, UTC."""
    return moment_of(upload_id) + LIFETIME


def encode_upload(info: UploadInfo) -> bytes:
    return orjson.dumps(info, option=orjson.OPT_INDENT_2)


def decode_upload(data: bytes) -> UploadInfo:
    """Raises RecordDamaged where the content is unreadable."""
    try:
        fields = orjson.loads(data)
        return UploadInfo(
            str(fields["user_email"]), int(fields["length"]), str(fields["metadata"]), str(fields["created_at"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise RecordDamaged(f"The upload's info is unreadable: {type(error).__name__} {error}.") from error
