"""What every answer under ``/api/uploads`` carries by the tus protocol; and methods that travel as POST."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve_app.tus_request import VERSION, overridden_method

PATH = "/api/uploads"
BELOW = f"{PATH}/"


class TusHeaders:
    """ASGI middleware, inside of which problems are answered: it sees their responses too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == PATH or path.startswith(BELOW)):
            await self._app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Tus-Resumable"] = VERSION
                headers.setdefault("Cache-Control", "no-store")
                if message["status"] == 412:
                    headers["Tus-Version"] = VERSION
            await send(message)

        await self._app(scope, receive, send_marked)


class MethodOverride:
    """ASGI middleware inside of Problems: a POST under ``/api/uploads`` may say that it is another method."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("path", "").startswith(BELOW):
            # In the scope itself: a copy would keep the route from those who count requests further out.
            scope["method"] = overridden_method(scope["method"], Headers(scope=scope))
        await self._app(scope, receive, send)
