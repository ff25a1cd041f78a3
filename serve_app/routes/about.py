"""What the server is, and how it is doing."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cluster.settings import Settings
from serve_app.cached_figures import CachedFigures
from serve_app.engine_settings import engine_names
from serve_app.info import server_info
from serve_app.json_response import JsonResponse
from serve_app.metrics_summary import IngressFigures, summarize
from serve_app.process_memory import own_memory_mb
from serve_app.upload_budget import UploadBudget


class AboutRoutes:
    def __init__(
        self,
        *,
        settings: Settings,
        version: str,
        figures: CachedFigures,
        budget: UploadBudget,
    ) -> None:
        self._settings = settings
        self._version = version
        self._figures = figures
        self._budget = budget

    def routes(self) -> list[Route]:
        return [
            Route("/api/info", self.info, methods=["GET"]),
            Route("/api/metrics/summary", self.metrics, methods=["GET"]),
        ]

    async def info(self, request: Request) -> Response:
        return JsonResponse(server_info(self._settings, self._version, await self._figures.figures()))

    async def metrics(self, request: Request) -> Response:
        ingress = IngressFigures(round(own_memory_mb(), 1), self._budget.reserved)
        return JsonResponse(summarize(await self._figures.figures(), engine_names(self._settings), ingress))
