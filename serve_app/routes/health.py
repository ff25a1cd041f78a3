"""Liveness and readiness."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serve_app.json_response import JsonResponse
from serve_app.readiness import Readiness


class HealthRoutes:
    def __init__(self, readiness: Readiness, version: str) -> None:
        self._readiness = readiness
        self._version = version

    def routes(self) -> list[Route]:
        return [
            Route("/healthz", self.alive, methods=["GET"]),
            Route("/readyz", self.ready, methods=["GET"]),
        ]

    async def alive(self, request: Request) -> Response:
        return JsonResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        missing = await self._readiness.missing()
        status = "not ready" if missing else "ready"
        content = {"status": status, "missing": missing, "version": self._version}
        return JsonResponse(content, 503 if missing else 200)
