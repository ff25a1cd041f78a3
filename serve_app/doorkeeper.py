"""The doorkeeper: what every request passes before any route sees it.

Bounded in number, so that whatever waits behind it is bounded as well; then, for everything under ``/api``, a known
caller who does not come too often. Health and the pages that explain the API are open to all. A route that forgets to
ask who is calling is still shut.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from cluster.errors import BodyMalformed, Overloaded
from serve_app.identity import Identities
from serve_app.request_rates import RequestRates

HEALTH = frozenset({"/healthz", "/readyz"})
MOST_HEADER_BYTES = 32 << 10
RETRY_AFTER_S = 2


class Doorkeeper:
    """ASGI middleware. most_open: requests of this replica that may be under way at once, health not counted."""

    def __init__(self, app: ASGIApp, *, identities: Identities, rates: RequestRates, most_open: int) -> None:
        self._app = app
        self._identities = identities
        self._rates = rates
        self._most_open = most_open
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in HEALTH:
            await self._app(scope, receive, send)
            return
        if self._open >= self._most_open:
            raise Overloaded("Too many requests are open; try again.", retry_after_s=RETRY_AFTER_S)
        self._open += 1
        try:
            _check_headers(scope)
            if _wants_a_caller(scope):
                self._rates.admit(self._identities.of(Headers(scope=scope)))
            await self._app(scope, receive, send)
        finally:
            self._open -= 1


def _wants_a_caller(scope: Scope) -> bool:
    """Everything under ``/api`` but OPTIONS, by which a tus client asks what the server can do."""
    path: str = scope["path"]
    return (path == "/api" or path.startswith("/api/")) and scope["method"] != "OPTIONS"


def _check_headers(scope: Scope) -> None:
    size = len(scope.get("query_string", b""))
    for name, value in scope["headers"]:
        size += len(name) + len(value)
    if size > MOST_HEADER_BYTES:
        raise BodyMalformed(f"The request's headers and query are larger than {MOST_HEADER_BYTES >> 10} KB together.")
