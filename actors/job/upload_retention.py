"""Retention of resumable uploads: those that expired and were made no job of are removed, the oldest first.

Ids tell ages and names are in their order, so what is still alive is never read. An upload's info goes before its
parts, as their names sort: from then on nobody finds it; where the process dies, the next round removes the rest.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from actors.job.patience import patiently
from cluster import layout
from cluster.audit import AuditEvent, Reason, audit
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import BlobCorrupt, BlobNotFound, RecordDamaged
from cluster.ids import first_job_id_at, user_hash
from cluster.resumable_upload import KEPT_EXPIRED, LIFETIME, decode_upload

log = logging.getLogger(__name__)

_LISTED = 1000


async def remove_expired_uploads(blobs: BlobStore, clock: Clock, now: datetime, pause_s: float) -> int:
    """How many there were. pause_s: after each. Waits for a store that is away."""
    end = layout.UPLOADS + first_job_id_at(now - LIFETIME - KEPT_EXPIRED)
    removed, last = 0, ""
    while listed := await patiently(clock, partial(blobs.list, layout.UPLOADS, "", _LISTED)):
        for blob in listed:
            if blob.name >= end:
                return removed
            upload_id = layout.upload_of(blob.name)
            if upload_id != last:
                await _tell(blobs, clock, upload_id)
                await clock.sleep(pause_s)
                removed, last = removed + 1, upload_id
            try:
                await patiently(clock, partial(blobs.delete, blob.name))
            except BlobNotFound:
                log.debug("retention: %s was removed by another", blob.name)
    return removed


async def _tell(blobs: BlobStore, clock: Clock, upload_id: str) -> None:
    """The audit log's line, with the user where the info still stands."""
    facts = {"upload_id": upload_id}
    try:
        info = decode_upload((await patiently(clock, partial(blobs.read, layout.upload_info(upload_id)))).data)
        facts["user"] = user_hash(info.user_email)
    except (BlobNotFound, BlobCorrupt, RecordDamaged) as error:
        log.debug("retention: nothing is known of upload %s: %s", upload_id, error)
    audit(AuditEvent.UPLOAD_EXPIRED, clock.now(), Reason.RETENTION, **facts)
