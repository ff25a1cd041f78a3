"""Counts requests and how long each waits for the first byte of its answer, by the pattern of its route."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import QueryParams
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.clock import Clock
from cluster.meter import Meter
from cluster.metrics import HTTP_OPEN, HTTP_REQUESTS, HTTP_TIME

NO_ROUTE = "none"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ABANDONED = "499"
"""In place of a status, where the client was gone before there was one."""


class RequestMeter:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, *, meter: Meter, clock: Clock) -> None:
        self._app = app
        self._meter = meter
        self._clock = clock
        self._open = 0
        self._patterns: dict[Any, str] | None = None
        meter.sample(lambda: meter.set(HTTP_OPEN, self._open))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = self._clock.monotonic()
        status: int | None = None
        waited_s = 0.0

        async def send_noted(message: Message) -> None:
            nonlocal status, waited_s
            if status is None and message["type"] == "http.response.start":
                status, waited_s = message["status"], self._clock.monotonic() - begun
            await send(message)

        self._open += 1
        try:
            await self._app(scope, receive, send_noted)
        finally:
            self._open -= 1
            self._count(scope, status, waited_s)

    def _count(self, scope: Scope, status: int | None, waited_s: float) -> None:
        """waited_s: for the first byte of the answer, where there was one."""
        route, method = self._route(scope), scope["method"] if scope["method"] in METHODS else "other"
        self._meter.add(HTTP_REQUESTS, route, method, ABANDONED if status is None else str(status))
        query = scope.get("query_string", b"")
        if status is not None and not (query and "wait" in QueryParams(query)):
            self._meter.observe(HTTP_TIME, waited_s, route)

    def _route(self, scope: Scope) -> str:
        """The pattern that the request's path fits, ``/api/jobs/{job_id}``; ``none`` where nobody answers it.

        Paths that are answered by the same are counted together, under the first of their patterns.
        """
        if self._patterns is None:
            routes = [route for route in scope["app"].routes if isinstance(route, Route)]
            self._patterns = {route.endpoint: route.path for route in reversed(routes)}
        return self._patterns.get(scope.get("endpoint"), NO_ROUTE)
