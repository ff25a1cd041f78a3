"""Resumable uploads, by the tus protocol: options, create, ask, continue, remove."""

from __future__ import annotations

from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serve_app.identity import Identities
from serve_app.incoming_body import IncomingBody
from serve_app.resumable_uploads import ResumableUploads, Upload
from serve_app.tus_request import (
    CHUNK_TYPE,
    EXTENSIONS,
    VERSION,
    check_chunk_type,
    check_version,
    upload_length,
    upload_metadata,
    upload_offset,
)


class UploadRoutes:
    def __init__(self, *, identities: Identities, uploads: ResumableUploads) -> None:
        self._identities = identities
        self._uploads = uploads

    def routes(self) -> list[Route]:
        return [
            Route("/api/uploads", self.options, methods=["OPTIONS"]),
            Route("/api/uploads", self.create, methods=["POST"]),
            Route("/api/uploads/{upload_id}", self.options, methods=["OPTIONS"]),
            Route("/api/uploads/{upload_id}", self.ask, methods=["HEAD"]),
            Route("/api/uploads/{upload_id}", self.append, methods=["PATCH"]),
            Route("/api/uploads/{upload_id}", self.terminate, methods=["DELETE"]),
        ]

    async def options(self, request: Request) -> Response:
        """What the server can do; asked without an identity and without a version."""
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(self._uploads.most_bytes),
        }
        return Response(status_code=204, headers=headers)

    async def create(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        check_version(request.headers)
        body = IncomingBody(request)
        with_content = body.media_type == CHUNK_TYPE
        if body.content_length and not with_content:
            check_chunk_type(body.media_type)
        length, metadata = upload_length(request.headers), upload_metadata(request.headers)
        upload = await self._uploads.create(caller, length, metadata)
        headers = {"Location": f"/api/uploads/{upload.upload_id}"}
        if with_content:
            upload = await self._uploads.append(caller, upload.upload_id, 0, body)
            headers["Upload-Offset"] = str(upload.offset)
        return Response(status_code=201, headers={**headers, **_expiry(upload)})

    async def ask(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        check_version(request.headers)
        upload = await self._uploads.find(caller, request.path_params["upload_id"])
        headers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.info.length), **_expiry(upload)}
        if upload.info.metadata:
            headers["Upload-Metadata"] = upload.info.metadata
        return Response(status_code=200, headers=headers)

    async def append(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        check_version(request.headers)
        body = IncomingBody(request)
        check_chunk_type(body.media_type)
        offset = upload_offset(request.headers)
        upload = await self._uploads.append(caller, request.path_params["upload_id"], offset, body)
        return Response(status_code=204, headers={"Upload-Offset": str(upload.offset), **_expiry(upload)})

    async def terminate(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        check_version(request.headers)
        await self._uploads.terminate(caller, request.path_params["upload_id"])
        return Response(status_code=204)


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(upload.expiry, usegmt=True)}
