"""Single pages of a job: record, text, what was read with boxes, image.

A page's result may stand in the store before the record tells of it (records are saved once a second): what is stored
is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from actors.outputs.page import OutputPage
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound, PageFailed, PageNotFound, PageNotReady
from cluster.page_text import PageResult, decode_result
from cluster.record import JobRecord, PageRecord, PageStatus
from serve_app.identity import Identity
from serve_app.page_images import PageImages
from serve_app.records import Records

_NUMBER = re.compile(r"^[1-9][0-9]{0,5}$", re.ASCII)


@dataclass(frozen=True, slots=True)
class PageView:
    """text: None where the page has not been read."""

    number: int
    record: PageRecord
    text: str | None


class Pages:
    def __init__(self, store: BlobStore, records: Records, images: PageImages) -> None:
        self._store = store
        self._records = records
        self._images = images

    async def view(self, caller: Identity, job_id: str, number: str) -> PageView:
        """JobNotFound, PageNotFound; PageNotReady where the document has not been opened yet."""
        job, page, record = await self._find(caller, job_id, number)
        if record.status is PageStatus.FAILED:
            return PageView(page, record, None)
        result = await self._result(caller, job, page)
        if result is None:
            if record.status is PageStatus.COMPLETED:
                await self._records.find(caller, job_id)  # JobNotFound where it is being deleted
            return PageView(page, record, None)
        return PageView(page, _with_result(record, result), result.read.text)

    async def text(self, caller: Identity, job_id: str, number: str) -> str:
        """JobNotFound, PageNotFound, PageFailed, PageNotReady."""
        view = await self.view(caller, job_id, number)
        if view.text is None:
            raise _unread(view.number, view.record)
        return view.text

    async def output(self, caller: Identity, job_id: str, number: str) -> OutputPage:
        """The page as it will stand in the outputs. JobNotFound, PageNotFound, PageNotReady."""
        job, page, record = await self._find(caller, job_id, number)
        if record.status is PageStatus.FAILED:
            return OutputPage(page, None, record.error)
        result = await self._result(caller, job, page)
        if result is None:
            await self._records.find(caller, job_id)  # JobNotFound where it is being deleted
            raise _unread(page, record)
        return OutputPage(page, result)

    async def image(self, caller: Identity, job_id: str, number: str) -> str:
        """The name of the page image's blob (which the record may not tell of yet). JobNotFound, PageNotFound."""
        job, page, _ = await self._find(caller, job_id, number)
        return layout.page_image(layout.job_prefix(caller.email, job.job_id), page)

    async def make_image(self, caller: Identity, job_id: str, number: str) -> bool:
        """Has the image made that nobody needed so far. False where it is not that which is missing.

        As PageImages.make, and JobNotFound, PageNotFound.
        """
        job, page, _ = await self._find(caller, job_id, number)
        return await self._images.make(caller, job, page)

    async def image_missing(self, caller: Identity, job_id: str, number: str) -> PageFailed | PageNotReady:
        """Why there is no page image."""
        _, page, record = await self._find(caller, job_id, number)
        if record.status is PageStatus.FAILED:
            return _unread(page, record)
        return PageNotReady(f"The image of page {page} has not been extracted yet.")

    async def _find(self, caller: Identity, job_id: str, number: str) -> tuple[JobRecord, int, PageRecord]:
        job = (await self._records.find(caller, job_id)).record
        if _NUMBER.match(number) is None:
            raise PageNotFound("Pages are numbered from 1.")
        page = int(number)
        record = job.pages.get(page)
        if record is not None:
            return job, page, record
        if not job.pages and not job.terminal and _may_come(job, page):
            raise PageNotReady("The document has not been opened yet.")
        raise PageNotFound(f"The job has no page {page}.")

    async def _result(self, caller: Identity, job: JobRecord, page: int) -> PageResult | None:
        try:
            blob = await self._store.read(layout.page_result(layout.job_prefix(caller.email, job.job_id), page))
        except BlobNotFound:
            return None
        return decode_result(blob.data)


def _may_come(job: JobRecord, page: int) -> bool:
    """Whether the page is asked for (a range as stored: ``1-3,7``); how many there are is not known yet."""
    asked = job.options.get("pages")
    if asked is None:
        return True
    spans = (part.partition("-") for part in asked.split(","))
    return any(int(first) <= page <= int(last or first) for first, _, last in spans)


def _unread(page: int, record: PageRecord) -> PageFailed | PageNotReady:
    if record.status is PageStatus.FAILED:
        reason = "" if record.error is None else f": {record.error.message}"
        return PageFailed(f"Page {page} could not be read{reason}")
    if record.status is PageStatus.SKIPPED:
        return PageNotReady(f"Page {page} was skipped, for the job was cancelled.")
    return PageNotReady(f"Page {page} has not been read yet.")


def _with_result(record: PageRecord, result: PageResult) -> PageRecord:
    """The page's record as its next saved version will tell it, from the stored result."""
    if record.status is PageStatus.COMPLETED:
        return record
    read = result.read
    return replace(
        record,
        status=PageStatus.COMPLETED,
        result_file=layout.page_result_file(result.page),
        image=result.image or record.image,
        source=read.source,
        engine=read.engine,
        engine_version=read.engine_version,
        attempts=result.attempts,
        reason=read.reason,
        confidence=read.confidence,
        rotation=read.rotation,
        duration_ms=read.duration_ms,
        skew=read.skew,
        layout=read.layout,
        layout_ms=read.layout_ms,
    )
