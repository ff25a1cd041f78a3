"""The work on a document as a whole, as the JobActor has it done: open it, assemble its outputs.

Each method carries out one effect and returns the events it ended in.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from actors.job.effects import AssembleOutputs, OpenDocument
from actors.job.events import DocumentOpened, DocumentRefused, OpeningLost, OutputAssembled, OutputFailed
from actors.job.host_meter import RENDERER
from actors.job.patience import patiently
from actors.job.ports import ReplicaLost
from actors.job.services import Services
from actors.render.protocol import AssembleRequest, DocumentRef
from cluster import layout
from cluster.errors import (
    AssemblyTimeout,
    BlobUnavailable,
    DocumentError,
    FormatNotAvailable,
    GnosisError,
    PageError,
    PageRangeInvalid,
)
from cluster.marker import Marker
from cluster.metrics import TimedStage
from cluster.origin import Origin
from cluster.page_range import select_pages
from cluster.record import ErrorInfo, JobRecord, Tombstone
from cluster.tracing import work_traced

log = logging.getLogger(__name__)


def document_of(marker: Marker, record: JobRecord | Tombstone, max_pages: int) -> DocumentRef:
    """The job's document as its record knows it: what was fetched once is not fetched again."""
    file = record.file_info if isinstance(record, JobRecord) else marker.document
    return DocumentRef(
        marker.job_id,
        marker.prefix,
        marker.prefix + file.raw_file,
        file.file_type,
        max_pages,
        marker.password,
        None if file.raw_file else marker.source_uri,
        marker.source_limit,
        file.file_size,
        Origin(marker.request_id, record.epoch, marker.trace),
    )


class DocumentDesk:
    """pages: those asked for, as ``1-3,7``; None for all. document: where it lies, known better once it was fetched.

    dpi: of page images.
    """

    def __init__(self, services: Services, document: DocumentRef, pages: str | None, dpi: int) -> None:
        self._services = services
        self.document = document
        self._pages = pages
        self._dpi = dpi

    async def open(self, effect: OpenDocument) -> DocumentOpened | DocumentRefused | OpeningLost:
        try:
            with self._services.meter.timed(TimedStage.OPEN), self._traced("open document") as document:
                opened = await self._services.pool.open(document)
            if isinstance(opened, DocumentError):
                return DocumentRefused(effect.run, effect.attempt, ErrorInfo(opened.code, opened.detail))
            pages = select_pages(self._pages, opened.total_pages)
            if (file := opened.fetched) is not None:
                raw = self.document.prefix + file.raw_file
                self.document = replace(self.document, raw=raw, file_type=file.file_type, source_uri=None)
        except ReplicaLost as lost:
            self._services.meter.lost(RENDERER, lost.announced)
            return OpeningLost(effect.run, effect.attempt, lost.announced)
        except PageRangeInvalid as error:
            return DocumentRefused(effect.run, effect.attempt, ErrorInfo(error.code, error.detail))
        return DocumentOpened(effect.run, effect.attempt, opened.total_pages, pages, opened.fetched)

    async def assemble(self, effect: AssembleOutputs, job: JobRecord) -> list[OutputAssembled | OutputFailed]:
        """job: its epoch is part of the outputs' names. An event for each format. Waits while the store is away."""
        files = {name: layout.output_file(effect.run, job.epoch, name) for name, _ in effect.formats}
        request = AssembleRequest(
            job_id=self.document.job_id,
            prefix=self.document.prefix,
            pages=effect.pages,
            failed=effect.failed,
            outputs=tuple((name, self.document.prefix + file) for name, file in files.items()),
            filename=job.file_info.filename,
            total_pages=job.file_info.total_pages,
            document=self.document,
            dpi=self._dpi,
        )
        try:
            failed = await patiently(self._services.clock, partial(self._joined, request))
        except GnosisError as error:
            failed = dict.fromkeys(files, error)
        for name, cause in failed.items():
            if not isinstance(cause, FormatNotAvailable):
                log.warning("job %s: the output %s was not made: %s", self.document.job_id, name, cause.detail)
        return [
            OutputFailed(effect.run, name, attempt, _told(failed[name]), isinstance(failed[name], FormatNotAvailable))
            if name in failed
            else OutputAssembled(effect.run, name, attempt, files[name])
            for name, attempt in effect.formats
        ]

    async def _joined(self, request: AssembleRequest) -> dict[str, GnosisError]:
        """The formats that could not be made; raises where it was the store that was away, and not their fault."""
        await self._services.gate.cleared(self.document.job_id)
        with self._services.meter.timed(TimedStage.ASSEMBLE), self._traced("assemble outputs") as document:
            failed = await self._assembled(replace(request, document=document))
        for error in failed.values():
            if isinstance(error, BlobUnavailable):
                raise error
        return failed

    async def _assembled(self, request: AssembleRequest) -> dict[str, GnosisError]:
        """A loss that was announced is not counted, as with pages."""
        while True:
            try:
                return await self._services.pool.assemble(request)
            except ReplicaLost as lost:
                self._services.meter.lost(RENDERER, lost.announced)
                if not lost.announced:
                    raise

    @contextmanager
    def _traced(self, name: str) -> Iterator[DocumentRef]:
        """The document, as it is to be named in an order that belongs to this span."""
        with work_traced(name, self.document.job_id, self.document.origin) as origin:
            yield replace(self.document, origin=origin)


def _told(error: GnosisError) -> str:
    """Why there is no output, for the job's user: what the cluster or the store say of themselves is for the log."""
    if isinstance(error, (FormatNotAvailable, PageError, AssemblyTimeout)):
        return error.detail
    return f"It could not be made ({type(error).__name__})."
