"""Submit, list, status; and the orders to a job: cancel, retry, delete."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serve_app.identity import Identities
from serve_app.incoming_body import IncomingBody
from serve_app.job_view import without_pages
from serve_app.json_response import JsonResponse
from serve_app.key_claim import checked_key
from serve_app.listing import Listing
from serve_app.orders import Orders
from serve_app.query import etag_named, job_query, single_values, wait_seconds
from serve_app.record_response import RecordResponse
from serve_app.records import Records
from serve_app.retry_body import retry_password
from serve_app.submission import Submissions


class JobRoutes:
    def __init__(
        self,
        *,
        identities: Identities,
        submissions: Submissions,
        records: Records,
        orders: Orders,
        listing: Listing,
    ) -> None:
        self._identities = identities
        self._submissions = submissions
        self._records = records
        self._orders = orders
        self._listing = listing

    def routes(self) -> list[Route]:
        return [
            # Asked for most, so it is looked at first.
            Route("/api/jobs/{job_id}/status", self.status, methods=["GET"]),
            Route("/api/jobs", self.submit, methods=["POST"]),
            Route("/api/jobs", self.list_jobs, methods=["GET"]),
            Route("/api/jobs/{job_id}", self.status, methods=["GET"]),
            Route("/api/jobs/{job_id}", self.delete, methods=["DELETE"]),
            Route("/api/jobs/{job_id}/cancel", self.cancel, methods=["POST"]),
            Route("/api/jobs/{job_id}/retry", self.retry, methods=["POST"]),
        ]

    async def submit(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        query = single_values(request.query_params)
        wait_s = wait_seconds(query)
        query.pop("wait", None)
        key = checked_key(request.headers.get("idempotency-key"))
        found = await self._submissions.submit(caller, IncomingBody(request), query, key)
        if wait_s is not None:
            found = await self._records.ended(caller, found, wait_s)
        status = 200 if wait_s is not None and found.record.terminal else 202
        return RecordResponse(found, status, {"Location": f"/api/jobs/{found.record.job_id}/status"})

    async def list_jobs(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        page = await self._listing.page(caller, job_query(request.query_params))
        jobs = [without_pages(record) for record in page.records]
        return JsonResponse({"jobs": jobs, "next_page_token": page.next_page_token})

    async def status(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        wait_s = wait_seconds(single_values(request.query_params)) if request.scope["query_string"] else None
        known = request.headers.get("if-none-match")
        found = await self._records.find_live(caller, request.path_params["job_id"])
        if wait_s and etag_named(known, found.etag):
            found = await self._records.changed(caller, found, wait_s)
        if etag_named(known, found.etag):
            return Response(status_code=304, headers=found.caching)
        return RecordResponse(found)

    async def cancel(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        return RecordResponse(await self._orders.cancel(caller, request.path_params["job_id"]), 202)

    async def retry(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        password = await retry_password(IncomingBody(request))
        return RecordResponse(await self._orders.retry(caller, request.path_params["job_id"], password), 202)

    async def delete(self, request: Request) -> Response:
        caller = self._identities.of(request.headers)
        await self._orders.delete(caller, request.path_params["job_id"])
        return Response(status_code=204)
