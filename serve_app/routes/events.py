"""What happens to a job, as Server-Sent Events."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cluster.errors import OptionInvalid
from serve_app.event_response import EventResponse
from serve_app.identity import Identities
from serve_app.job_events import JobEvents


class EventRoutes:
    def __init__(self, *, identities: Identities, events: JobEvents) -> None:
        self._identities = identities
        self._events = events

    def routes(self) -> list[Route]:
        return [Route("/api/jobs/{job_id}/events", self.events, methods=["GET"])]

    async def events(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        last_ids = request.headers.getlist("last-event-id")
        if len(last_ids) > 1:
            raise OptionInvalid("`Last-Event-ID` is sent twice.")
        last_id = last_ids[0] if last_ids else ""
        events = await self._events.open(caller, request.path_params["job_id"], last_id or None)
        return EventResponse(None if request.method == "HEAD" else events)
