"""The web page at ``/``, and the files that it is made of: served to everybody, as what it asks of the API is not."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cluster.errors import NotFound
from serve_app.query import etag_named
from serve_app.web_page import PackedFile, web_page

HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
}
FOR_EVER = "public, max-age=31536000, immutable"


class WebPageRoutes:
    def __init__(self) -> None:
        self._page = web_page()

    def routes(self) -> list[Route]:
        """Not in the description of the API, of which they are no part."""
        return [
            Route("/", self.index, methods=["GET"], include_in_schema=False),
            Route("/web/{version}/{file:path}", self.file, methods=["GET"], include_in_schema=False),
        ]

    async def index(self, request: Request) -> Response:
        page = self._page
        headers = {
            **HEADERS,
            "Cache-Control": "no-cache",
            "ETag": f"W/{page.etag}",
            "Content-Security-Policy": page.policy,
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if etag_named(request.headers.get("if-none-match"), page.etag):
            return Response(status_code=304, headers=headers)
        return _answer(request, page.index, headers)

    async def file(self, request: Request) -> Response:
        """NotFound also for files of another version: an open page that is older says so and is loaded again."""
        asked = request.path_params
        file = self._page.files.get(asked["file"]) if asked["version"] == self._page.version else None
        if file is None:
            raise NotFound
        return _answer(request, file, {**HEADERS, "Cache-Control": FOR_EVER})


def _answer(request: Request, file: PackedFile, headers: dict[str, str]) -> Response:
    if file.packed is not None and _takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)
    return Response(file.content, headers=headers, media_type=file.media_type)


def _takes_gzip(accepted: str) -> bool:
    """accepted: the header Accept-Encoding, as in ``br;q=1.0, gzip;q=0.8``."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
