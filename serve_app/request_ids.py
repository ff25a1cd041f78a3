"""Every response carries an X-Request-Id: the client's own where it sent a usable one, else a fresh one."""

from __future__ import annotations

import random
import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.log_context import logged_as

HEADER = "X-Request-Id"
_NAME = HEADER.lower().encode()
NOSNIFF = (b"x-content-type-options", b"nosniff")
"""Text and images stem from strangers' documents: no browser shall guess another type."""

_SCOPE_KEY = "gnosis.request_id"
_random = random.Random()  # seeded by the system; ids of requests need not be unguessable
_USABLE = re.compile(r"^[A-Za-z0-9._:-]{1,100}$")


class RequestIds:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        offered = next((value for name, value in scope["headers"] if name == _NAME), b"").decode("latin-1")
        request_id = offered if offered and _USABLE.match(offered) else f"{_random.getrandbits(128):032x}"
        scope[_SCOPE_KEY] = request_id
        marks = ((_NAME, request_id.encode()), NOSNIFF)

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *marks]
            await send(message)

        with logged_as(request=request_id):
            await self._app(scope, receive, send_marked)


def request_id_of(scope: Scope) -> str:
    """The id that the middleware gave to this request; empty outside of it."""
    request_id: str = scope.get(_SCOPE_KEY, "")
    return request_id
