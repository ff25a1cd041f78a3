"""A job's single pages."""

from __future__ import annotations

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from actors.outputs.json_output import json_page
from cluster.blobs.port import BlobStore
from cluster.errors import BlobNotFound
from serve_app.blob_response import blob_response
from serve_app.identity import Identities
from serve_app.json_response import JsonResponse
from serve_app.pages import Pages


class PageRoutes:
    def __init__(self, *, identities: Identities, pages: Pages, store: BlobStore) -> None:
        self._identities = identities
        self._pages = pages
        self._store = store

    def routes(self) -> list[Route]:
        return [
            Route("/api/jobs/{job_id}/pages/{page}", self.page, methods=["GET"]),
            Route("/api/jobs/{job_id}/pages/{page}/text", self.text, methods=["GET"]),
            Route("/api/jobs/{job_id}/pages/{page}/result", self.result, methods=["GET"]),
            Route("/api/jobs/{job_id}/pages/{page}/image", self.image, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        view = await self._pages.view(caller, request.path_params["job_id"], request.path_params["page"])
        return JsonResponse({"page": view.number, **asdict(view.record), "text": view.text})

    async def text(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        text = await self._pages.text(caller, request.path_params["job_id"], request.path_params["page"])
        return PlainTextResponse(text)

    async def result(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        page = await self._pages.output(caller, request.path_params["job_id"], request.path_params["page"])
        return JsonResponse(json_page(page))

    async def image(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        job_id, page = request.path_params["job_id"], request.path_params["page"]
        name = await self._pages.image(caller, job_id, page)
        headers = {"Content-Disposition": "inline"}
        try:
            return await blob_response(request, self._store, name, "image/png", headers)
        except BlobNotFound:
            made = await self._pages.make_image(caller, job_id, page)
        try:
            if made:
                return await blob_response(request, self._store, name, "image/png", headers)
        except BlobNotFound:
            pass
        raise await self._pages.image_missing(caller, job_id, page)
