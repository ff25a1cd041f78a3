"""A caller's jobs, newest first.

The index lists job ids in rising order, which is rising age-order (UUIDv7), and the blob store lists names forwards
only. So the listing walks backwards in time windows: the last ten minutes, the twenty before, and so on, each twice as
long as the one after it, until enough jobs are found or the oldest entry is passed. A job's record decides whether it
is shown; an entry with neither record nor marker is the rest of a submission that was never accepted.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import DocumentError, JobNotFound, OptionInvalid
from cluster.ids import first_job_id_at, is_job_id, moment_of
from cluster.record import JobRecord, JobStatus
from serve_app.identity import Identity
from serve_app.records import Records

FIRST_WINDOW = timedelta(minutes=10)
READ_TOGETHER = 32
MOST_EXAMINED = 2000
"""Entries looked at for one answer; a filter that few jobs pass then gives a short page with a token to go on."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PAGE = 1000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobQuery:
    """limit: jobs of one page. before: only jobs older than this id."""

    limit: int
    status: JobStatus | None = None
    session_id: str | None = None
    before: str | None = None

    def admits(self, record: JobRecord) -> bool:
        return self.status in (None, record.status) and self.session_id in (None, record.session_id)


@dataclass(frozen=True, slots=True)
class JobPage:
    """next_page_token: None at the end of the list."""

    records: list[JobRecord]
    next_page_token: str | None


def encode_token(job_id: str) -> str:
    return base64.urlsafe_b64encode(job_id.encode()).rstrip(b"=").decode()


def decode_token(token: str) -> str:
    """The job id in a token of ours; OptionInvalid."""
    try:
        job_id = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)).decode()
    except (binascii.Error, UnicodeError, ValueError):
        job_id = ""
    if not is_job_id(job_id):
        raise OptionInvalid("`page_token` is none that this server gave out.")
    return job_id


class Listing:
    def __init__(self, store: BlobStore, records: Records, clock: Clock) -> None:
        self._store = store
        self._records = records
        self._clock = clock

    async def page(self, caller: Identity, query: JobQuery) -> JobPage:
        """Up to ``limit`` jobs, newest first; fewer with a token where the filters let too few through."""
        shown: list[JobRecord] = []
        examined = 0
        async with aclosing(self._newest_first(caller, query)) as batches:
            async for job_ids in batches:
                records = await asyncio.gather(*(self._read(caller, job_id) for job_id in job_ids))
                shown += [record for record in records if record is not None and query.admits(record)]
                if len(shown) > query.limit:
                    shown = shown[: query.limit]
                    return JobPage(shown, encode_token(shown[-1].job_id))
                examined += len(job_ids)
                if examined >= MOST_EXAMINED:
                    return JobPage(shown, encode_token(job_ids[-1]))
        return JobPage(shown, None)

    async def _read(self, caller: Identity, job_id: str) -> JobRecord | None:
        try:
            return (await self._records.find_stored(caller, job_id)).record
        except JobNotFound:
            return None
        except DocumentError as error:
            _log.warning("left out of a listing: %s: %s", job_id, error)
            return None

    async def _newest_first(self, caller: Identity, query: JobQuery) -> AsyncGenerator[list[str], None]:
        """The ids in the index in batches, the newest first."""
        prefix = layout.index_of_user(caller.email)
        oldest = await self._store.list(prefix, limit=1)
        if not oldest:
            return
        size = min(READ_TOGETHER, query.limit + 1)
        moment = self._clock.now() if query.before is None else moment_of(query.before)
        width, end = FIRST_WINDOW, query.before
        while True:
            moment = max(_EPOCH, moment - width)
            start = first_job_id_at(moment)
            job_ids = await self._between(prefix, start, end)
            for at in range(0, len(job_ids), size):
                yield job_ids[at : at + size]
            if moment == _EPOCH or prefix + start <= oldest[0].name:
                return
            width, end = width * 2, start

    async def _between(self, prefix: str, start: str, end: str | None) -> list[str]:
        """Ids from ``start`` to before ``end`` (None: whatever there is), falling."""
        job_ids: list[str] = []
        name = prefix + start
        while True:
            blobs = await self._store.list(prefix, start=name, limit=_PAGE)
            inside = [blob.name for blob in blobs if end is None or blob.name < prefix + end]
            job_ids += [found for found in (name.removeprefix(prefix) for name in inside) if is_job_id(found)]
            if len(inside) < _PAGE:
                return job_ids[::-1]
            name = inside[-1] + "\0"
