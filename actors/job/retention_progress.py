"""How far retention has come, kept in the blob store, so that a restart begins nothing anew."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import to_text
from cluster.errors import BlobCorrupt, BlobNotFound

log = logging.getLogger(__name__)

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Progress:
    """checked: of uploads older than this it is known whether they became jobs.

    until, user, job_id: of a round under way. It checks uploads up to ``until``; it is done with the users before
    ``user``, and of that one's jobs with those up to ``job_id``.
    """

    checked: datetime = _NEVER
    until: datetime | None = None
    user: str = ""
    job_id: str = ""


async def load_progress(blobs: BlobStore) -> Progress:
    """Where nothing, or nothing readable, is stored, everything is looked at again: that costs time and no harm."""
    try:
        fields = orjson.loads((await blobs.read(layout.RETENTION)).data)
        until = fields["until"]
        return Progress(
            datetime.fromisoformat(fields["checked"]),
            None if until is None else datetime.fromisoformat(until),
            str(fields["user"]),
            str(fields.get("job_id", "")),
        )
    except BlobNotFound:
        return Progress()
    except (BlobCorrupt, ValueError, KeyError, TypeError) as error:
        log.warning("retention: its progress is unreadable, it begins anew: %s", error)
        return Progress()


async def save_progress(blobs: BlobStore, progress: Progress) -> None:
    """Two hosts that write it in turn cost each other time alone: what was looked at may be looked at again."""
    until = None if progress.until is None else to_text(progress.until)
    fields = {"checked": to_text(progress.checked), "until": until, "user": progress.user, "job_id": progress.job_id}
    await blobs.put(layout.RETENTION, orjson.dumps(fields))
