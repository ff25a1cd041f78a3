"""The API's description: as a document for programs, and as a page for people, all of it from the package."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cluster.errors import NotFound
from serve_app.openapi.document import openapi_document
from serve_app.web_files import WebFile, docs_files, docs_page

# Styles alone may stand in the page: the renderer writes its own as attributes. Scripts come from files only.
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class DescriptionRoutes:
    """engines: those that a submission may name, the default first. version: of this server."""

    def __init__(self, engines: Sequence[str], version: str) -> None:
        self._document = orjson.dumps(openapi_document(engines, version))
        self._page = docs_page()
        self._files = docs_files()

    def routes(self) -> list[Route]:
        return [
            Route("/openapi.json", self.document, methods=["GET"]),
            Route("/docs", self.page, methods=["GET"]),
            Route("/docs/{file}", self.file, methods=["GET"]),
        ]

    async def document(self, request: Request) -> Response:
        return Response(self._document, headers={"Cache-Control": "no-cache"}, media_type="application/json")

    async def page(self, request: Request) -> Response:
        return _answer(self._page)

    async def file(self, request: Request) -> Response:
        file = self._files.get(request.path_params["file"])
        if file is None:
            raise NotFound
        return _answer(file)


def _answer(file: WebFile) -> Response:
    return Response(file.content, headers=PAGE_HEADERS, media_type=file.media_type)
