"""Accepts a job: index entry, upload, idempotency entry, marker, in this order; then the hosts are told.

The marker is the acceptance. Until the idempotency entry or the marker may stand, a failure removes what was stored;
from then on it stays, for a later request with the same key, or a sweep, goes on with it. Everything after the upload
runs to its end whether or not the client still waits.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.callback_url import CallbackTerms
from cluster.clock import Clock, to_text
from cluster.errors import (
    BlobConflict,
    BlobNotFound,
    BlobThrottled,
    BlobUnavailable,
    RequestError,
    UploadExpired,
    UploadNotFound,
)
from cluster.file_type import EXTENSIONS
from cluster.idempotency import IdempotencyEntry, request_digest
from cluster.ids import new_job_id
from cluster.log_context import bound, logged_as
from cluster.marker import Marker, Operation, encode_marker
from cluster.meter import Meter
from cluster.metrics import JOBS_ACCEPTED, TimedStage
from cluster.options import NO_CALLBACKS, NO_LANGUAGES, parse_options
from cluster.record import FileInfo
from cluster.tracing import job_begun
from serve_app.admission import Admissions
from serve_app.background import Background
from serve_app.backlog import Backlog
from serve_app.draft import Draft
from serve_app.gateway import Gateway
from serve_app.identity import Identity
from serve_app.incoming_body import IncomingBody
from serve_app.json_sources import JsonSources
from serve_app.json_submission import MEDIA_TYPE, JsonSubmission, read_submission
from serve_app.key_claim import KeyClaim
from serve_app.records import Found, Records, Standing, found_in_marker
from serve_app.uploads import ReceivedUpload, Uploads

MARKER_ATTEMPTS = 3

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Order:
    """A received submission: the marker to be, and the digest that its Idempotency-Key stands for.

    refusal: why no new job may begin; an earlier one with the same key is answered with all the same.
    upload_id, document: as in the idempotency entry.
    """

    marker: Marker
    digest: str
    refusal: RequestError | None
    upload_id: str | None
    document: str | None


class Submissions:
    """engines: those that may be named, the default first. callbacks, readable: as for ``parse_options``."""

    def __init__(
        self,
        *,
        store: BlobStore,
        gateway: Gateway,
        records: Records,
        uploads: Uploads,
        sources: JsonSources,
        background: Background,
        clock: Clock,
        engines: Sequence[str],
        admissions: Admissions,
        backlog: Backlog,
        callbacks: CallbackTerms = NO_CALLBACKS,
        readable: Mapping[str, Sequence[str]] = NO_LANGUAGES,
        meter: Meter | None = None,
    ) -> None:
        self._meter = meter or Meter(clock)
        self._admissions = admissions
        self._backlog = backlog
        self._store = store
        self._engines = engines
        self._callbacks = callbacks
        self._readable = readable
        self._gateway = gateway
        self._records = records
        self._uploads = uploads
        self._sources = sources
        self._background = background
        self._clock = clock

    async def submit(self, caller: Identity, body: IncomingBody, query: Mapping[str, str], key: str | None) -> Found:
        with job_begun(body.traceparent) as trace:
            return await self._submit(caller, body, query, key, trace)

    async def _submit(
        self, caller: Identity, body: IncomingBody, query: Mapping[str, str], key: str | None, trace: str
    ) -> Found:
        """The accepted job's record: the queued one, or of an earlier job with the same key as it stands now.

        key: a checked Idempotency-Key. Raises what Uploads.receive, read_submission and JsonSources.receive do,
        IdempotencyConflict, BlobUnavailable; where the caller's or the server's limits are reached TooManyJobs,
        QuotaExceeded or Overloaded.
        """
        self._backlog.check()
        named = None
        if body.media_type == MEDIA_TYPE:
            named = await read_submission(body, query, self._engines, self._callbacks, self._readable)
        hashed_key = None if key is None else layout.key_hash(key)
        draft = Draft(self._store, caller.email, new_job_id(), hashed_key)
        refusal = await self._admissions.ask(caller, draft.job_id)
        if refusal is not None and not (key is not None and await self._used(caller, key)):
            raise refusal
        try:
            if named is None:
                with self._meter.timed(TimedStage.UPLOAD):
                    received = await self._uploads.limited(caller.limits).receive(body, query, draft.place)
            else:
                received = await self._sources.receive(caller, named, draft)
            order = self._order(caller, draft, received, hashed_key, refusal, trace)
        except (UploadNotFound, UploadExpired) as gone:
            self._admissions.release(caller, draft.job_id)
            await self._background.finish(draft.discard())
            return await self._background.finish(self._made_before(caller, named, key, gone, refusal))
        except BaseException:  # a cancelled handler too leaves nothing behind
            self._admissions.release(caller, draft.job_id)
            await self._background.finish(draft.discard())
            raise
        return await self._background.finish(self._accept(caller, draft, order, key))

    async def _used(self, caller: Identity, key: str) -> bool:
        """Whether the key stands for a request already: the answer may be that job, for which no place is needed."""
        try:
            await self._store.read(layout.idempotency(caller.email, key))
        except BlobNotFound:
            return False
        return True

    def _order(
        self,
        caller: Identity,
        draft: Draft,
        received: ReceivedUpload,
        hashed_key: str | None,
        refusal: RequestError | None,
        trace: str,
    ) -> _Order:
        options, password = parse_options(received.fields, self._engines, self._callbacks, self._readable)
        document = received.document
        raw_file = layout.raw("", EXTENSIONS[document.kind]) if document.kind else ""
        marker = Marker(
            job_id=draft.job_id,
            operation=Operation.RUN,
            run=1,
            user_email=caller.email,
            prefix=draft.prefix,
            document=FileInfo(received.filename, document.kind, 0, raw_file, document.size),
            created_at=to_text(self._clock.now()),
            options=options.as_dict(),
            password=password,
            idempotency=hashed_key,
            source_uri=received.source_uri,
            source_limit=received.source_limit,
            request_id=str(bound().get("request", "")),
            trace=trace,
        )
        source = None if received.upload_id is None else document.sha256
        return _Order(marker, request_digest(document.sha256, options), refusal, received.upload_id, source)

    async def _accept(self, caller: Identity, draft: Draft, order: _Order, key: str | None) -> Found:
        """The job's place is given back where it did not begin, and where another one is answered with."""
        try:
            found = await self._settle(caller, draft, order, key)
        except BaseException:
            self._admissions.release(caller, draft.job_id)
            raise
        if found.record.job_id != draft.job_id:
            self._admissions.release(caller, draft.job_id)
        return found

    async def _settle(self, caller: Identity, draft: Draft, order: _Order, key: str | None) -> Found:
        marker = order.marker
        if key is None:
            return await self._begin(caller, marker, draft, order.upload_id)
        claim = KeyClaim(self._store, self._records, caller, key, self._clock)
        try:
            earlier = await claim.settle(IdempotencyEntry(order.digest, marker, order.upload_id, order.document))
        except BaseException:
            if not claim.may_stand:
                await draft.discard()
            raise
        if earlier is None:
            if order.refusal is not None:
                raise order.refusal  # what was uploaded waits for the same key, or for retention
            return await self._begin(caller, marker, None, order.upload_id)
        await draft.discard()
        return await self._resume(caller, *earlier, marker.password, order.refusal)

    async def _made_before(
        self,
        caller: Identity,
        named: JsonSubmission | None,
        key: str | None,
        gone: UploadNotFound | UploadExpired,
        refusal: RequestError | None,
    ) -> Found:
        """The upload is not there, as it may be because the job of this very request was made of it before."""
        if named is None or named.upload_id is None or key is None:
            raise gone
        options, password = parse_options(named.fields, self._engines, self._callbacks, self._readable)
        claim = KeyClaim(self._store, self._records, caller, key, self._clock)
        earlier = await claim.made_of(named.upload_id, options)
        if earlier is None:
            raise gone
        return await self._resume(caller, *earlier, password, refusal)

    async def _resume(
        self,
        caller: Identity,
        held: Marker,
        standing: Standing,
        password: str | None,
        refusal: RequestError | None,
    ) -> Found:
        """The earlier job with the same key and request."""
        if standing is Standing.PRESENT:
            return await self._records.find(caller, held.job_id)
        if refusal is not None:
            raise refusal
        # Its Ingress died between entry and marker, or is about to write it: the same marker either way.
        return await self._begin(caller, replace(held, password=password), None)

    async def _begin(
        self, caller: Identity, marker: Marker, draft: Draft | None, upload_id: str | None = None
    ) -> Found:
        """Creates the marker and tells the hosts; ``draft`` is discarded where the marker surely does not stand.

        upload_id: the resumable upload that the job was made of, removed once the marker stands.
        """
        unclear = False
        for attempt in range(MARKER_ATTEMPTS):
            try:
                await self._store.create(layout.marker(marker.job_id), encode_marker(marker))
                break
            except BlobConflict:
                break  # of this very job: an earlier attempt landed, or another request was quicker
            except BaseException as error:
                unclear = unclear or (isinstance(error, BlobUnavailable) and not isinstance(error, BlobThrottled))
                if isinstance(error, BlobUnavailable) and attempt + 1 < MARKER_ATTEMPTS:
                    continue
                if draft is not None and not unclear:
                    await draft.discard()
                raise
        self._backlog.accepted()
        self._meter.add(JOBS_ACCEPTED)
        with logged_as(job=marker.job_id):
            log.info("job %s accepted", marker.job_id)
        self._admissions.begun(caller, marker.job_id)
        self._background.start(self._gateway.adopt(marker.job_id))
        if upload_id is not None:
            self._background.start(self._sources.used(upload_id))
        return found_in_marker(caller, marker)
