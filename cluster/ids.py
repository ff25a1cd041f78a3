"""Ids and the stable numbers drawn from them."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import uuid_utils

SLOTS = 64
"""Job ids fall into this many slots; hosts share out the slots. Stored names depend on it: never changed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 10**14  # 48 bits reach further than a datetime does
_JOB_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_job_id() -> str:
    """A UUIDv7: the order of names is the order of age."""
    return str(uuid_utils.uuid7())


def new_upload_id(moment: datetime) -> str:
    """The id of a resumable upload that is created at ``moment``: a UUIDv7, as a job's is."""
    return str(uuid_utils.uuid7(nanoseconds=_milliseconds(moment) * 1_000_000))


def first_job_id_at(moment: datetime) -> str:
    """The lowest UUIDv7 that could have been drawn at ``moment``: where a listing by age starts."""
    return str(UUID(int=(_milliseconds(moment) << 80) | (0x7 << 76) | (0x8 << 60)))


def moment_of(job_id: str) -> datetime:
    """When the UUIDv7 was drawn, UTC, to the millisecond."""
    milliseconds = int(job_id.replace("-", "")[:12], 16)
    return _EPOCH + timedelta(milliseconds=min(milliseconds, _LATEST_MS))


def is_job_id(text: str) -> bool:
    return _JOB_ID.fullmatch(text) is not None


def is_upload_id(text: str) -> bool:
    return is_job_id(text)


def slot_of(job_id: str) -> int:
    """The job's slot, 0 to 63."""
    return zlib.crc32(job_id.encode()) % SLOTS


@lru_cache(maxsize=4096)
def user_hash(email: str) -> str:
    """The user's folder: the first 32 hex digits of SHA-256 of the lower-cased e-mail."""
    return hashlib.sha256(email.lower().encode()).hexdigest()[:32]


def new_token() -> str:
    """Sixteen random hex digits, for owners and deployments."""
    return secrets.token_hex(8)


def _milliseconds(moment: datetime) -> int:
    """Since 1970, as a UUIDv7 counts them."""
    return max(0, int(moment.timestamp() * 1000))
