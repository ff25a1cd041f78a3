"""A job's assembled result."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound, FormatNotAvailable, JobFailed, OptionInvalid, ResultNotReady
from cluster.record import JobStatus
from serve_app.blob_response import blob_response
from serve_app.filenames import inline_disposition
from serve_app.identity import Identities
from serve_app.query import single_values
from serve_app.records import Records

DEFAULT_FORMAT = "md"
MEDIA_TYPES = {"txt": "text/plain; charset=utf-8", "md": "text/markdown; charset=utf-8"}
NOT_BUILT = ("json", "pdf", "hocr", "alto", "zip")
"""Formats of the HTTP contract whose part does not exist yet."""


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
        if asked in NOT_BUILT:
            raise FormatNotAvailable(f"`{asked}` is not available in this version; available are `txt` and `md`.")
        if not record.terminal:
            raise ResultNotReady
        if record.status is JobStatus.FAILED:
            raise JobFailed(None if record.error is None else f"The job failed: {record.error.message}")
        output = record.outputs.get(asked)
        if output is None:
            raise FormatNotAvailable
        headers = {"Content-Disposition": inline_disposition(record.file_info.filename, asked)}
        name = layout.job_prefix(caller.email, job_id) + output
        try:
            return await blob_response(request, self._store, name, MEDIA_TYPES[asked], headers)
        except BlobNotFound:
            await self._records.find(caller, job_id)  # JobNotFound where it is being deleted
            raise


def _asked_format(text: str) -> str:
    if text not in MEDIA_TYPES and text not in NOT_BUILT:
        allowed = ", ".join(f"`{name}`" for name in MEDIA_TYPES)
        raise OptionInvalid(f"`format` is `{text[:40]}`; allowed are {allowed}.")
    return text
