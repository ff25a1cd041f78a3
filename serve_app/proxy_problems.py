"""What Serve's own proxy answers when it has no replica to ask, told in the terms of the HTTP contract.

While the application is being deployed the proxy knows no route and answers 404: to a client that polls an accepted job
across a restart that would say that the job is gone. Where a replica is lost it answers 500 in plain text. Every error
of ours is a problem, so any other error is the proxy's. Serve loads this by the import path that ray_cluster.py sets.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.errors import GnosisError, Overloaded
from cluster.haproxy_config import LOST, STARTING
from serve_app.guarded_connections import guard_connections
from serve_app.problems import PROBLEM, RETRY_AFTER_S, problem
from serve_app.request_ids import HEADER

_OWN_PATHS = "/-/"  # Serve's own addresses


def middlewares() -> list[Middleware]:
    """What Serve asks for in the proxy, before it listens."""
    guard_connections()
    return [Middleware(ProxyProblems)]


class ProxyProblems:
    """ASGI middleware: an error that is no problem becomes one; a 404 among them, 503 ``overloaded``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_OWN_PATHS):
            await self._app(scope, receive, send)
            return
        replaced = False

        async def send_problems(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_the_proxys(message):
                replaced = True
                await _told(scope, message["status"])(scope, receive, send)
            elif not replaced:
                await send(message)

        await self._app(scope, receive, send_problems)


def _is_the_proxys(message: Message) -> bool:
    headers = {name.lower(): value for name, value in message.get("headers", ())}
    return message["status"] >= HTTPStatus.BAD_REQUEST and not headers.get(b"content-type", b"").startswith(PROBLEM)


def _told(scope: Scope, status: int) -> ASGIApp:
    request_id = Headers(scope=scope).get(HEADER) or secrets.token_hex(16)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE):
        return problem(503, Overloaded.code, STARTING, request_id, {"Retry-After": str(RETRY_AFTER_S)})
    return problem(status, GnosisError.code, LOST, request_id)
