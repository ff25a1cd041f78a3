"""CORS: which other sites' pages may use the API from a browser. None, unless their origins are configured.

A page sends the API key itself, so cookies are never asked for (no credentials).
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from cluster.errors import OptionInvalid
from serve_app.problems import problem

METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")
TAKEN = (
    *("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "X-Request-Id"),
    *("Tus-Resumable", "Upload-Length", "Upload-Offset", "Upload-Metadata", "Upload-Defer-Length"),
    *("Upload-Checksum", "Upload-Concat", "X-HTTP-Method-Override", "X-Requested-With"),
)
SHOWN = (
    *("Location", "ETag", "Retry-After", "X-Request-Id", "Allow", "WWW-Authenticate", "Content-Disposition"),
    *("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"),
    *("Upload-Offset", "Upload-Length", "Upload-Metadata", "Upload-Expires", "Upload-Defer-Length"),
)


def cross_origin(origins: Sequence[str]) -> list[Middleware]:
    """origins: as a browser sends them (``https://app.example.org``), or ``*``; none: nothing is added."""
    if not origins:
        return []
    return [
        Middleware(CrossOrigin, allow_origins=origins, allow_methods=METHODS, allow_headers=TAKEN, expose_headers=SHOWN)
    ]


class CrossOrigin(CORSMiddleware):
    """Starlette's, whose refusal of a preflight is a problem like all others."""

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        detail = f"{bytes(answer.body).decode()}: GNOSIS_CORS_ORIGINS says which pages may use this API."
        return problem(400, OptionInvalid.code, detail, request_headers.get("x-request-id", "")[:100])
