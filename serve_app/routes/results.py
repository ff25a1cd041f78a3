"""A job's assembled result, in one of its formats or all together."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound, FormatNotAvailable, JobFailed, OptionInvalid, ResultNotReady
from cluster.record import JobRecord, JobStatus
from serve_app.blob_response import blob_response, pieces_response
from serve_app.filenames import inline_disposition
from serve_app.identity import Identities
from serve_app.job_archive import archive_entries, archive_time
from serve_app.query import single_values
from serve_app.records import Records
from serve_app.zip_stream import zip_stream

DEFAULT_FORMAT = "md"
ARCHIVE = "zip"
MEDIA_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "hocr": "text/vnd.hocr+html; charset=utf-8",
    "alto": "application/xml",
    ARCHIVE: "application/zip",
}
EXTENSIONS = {"alto": "alto.xml"}
"""Of the files that clients save, where it is not the format's name."""


class ResultRoutes:
    def __init__(self, *, identities: Identities, records: Records, store: BlobStore) -> None:
        self._identities = identities
        self._records = records
        self._store = store

    def routes(self) -> list[Route]:
        return [Route("/api/jobs/{job_id}/result", self.result, methods=["GET"])]

    async def result(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        job_id = request.path_params["job_id"]
        asked = _asked_format(single_values(request.query_params).get("format", DEFAULT_FORMAT))
        record = (await self._records.find(caller, job_id)).record
        if not record.terminal:
            raise ResultNotReady
        if record.status is JobStatus.FAILED:
            raise JobFailed(None if record.error is None else f"The job failed: {record.error.message}")
        extension = EXTENSIONS.get(asked, asked)
        headers = {"Content-Disposition": inline_disposition(record.file_info.filename, extension)}
        prefix = layout.job_prefix(caller.email, job_id)
        try:
            if asked == ARCHIVE:
                entries = archive_entries(self._store, prefix, record, EXTENSIONS)
                pieces = zip_stream(entries, archive_time(record))
                return await pieces_response(request, pieces, MEDIA_TYPES[asked], headers)
            return await blob_response(
                request, self._store, prefix + _output(record, asked), MEDIA_TYPES[asked], headers
            )
        except BlobNotFound:
            await self._records.find(caller, job_id)  # JobNotFound where it is being deleted
            raise


def _output(record: JobRecord, asked: str) -> str:
    """The output's file; FormatNotAvailable with the reason where there is none."""
    if asked in record.outputs:
        return record.outputs[asked]
    if asked in record.outputs_missing:
        raise FormatNotAvailable(record.outputs_missing[asked])
    there = ", ".join(f"`{name}`" for name in MEDIA_TYPES if name in record.outputs) or "none"
    raise FormatNotAvailable(f"`{asked}` was not made of this job; its outputs are: {there}.")


def _asked_format(text: str) -> str:
    if text not in MEDIA_TYPES:
        allowed = ", ".join(f"`{name}`" for name in MEDIA_TYPES)
        raise OptionInvalid(f"`format` is `{text[:40]}`; allowed are {allowed}.")
    return text
