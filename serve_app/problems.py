"""Errors as ``application/problem+json`` (RFC 9457): the one place where an exception becomes a response.

RequestError              its own status, code, detail, Retry-After; WWW-Authenticate where a key is missing
Starlette's 404 and 405   not_found; method_not_allowed with Allow over all routes of that path
BlobUnavailable           503 storage_unavailable (as BlobForbidden: the client can do nothing else about it)
RecordTooNew              503 record_too_new: another deployment on this store serves the job
other DocumentError       500 with its code: a stored record can't be read
anything else             500 internal_error; the log has the rest under the request's id
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.errors import (
    BlobForbidden,
    BlobStoreFull,
    BlobUnavailable,
    DocumentError,
    GnosisError,
    MethodNotAllowed,
    NotFound,
    Overloaded,
    RecordTooNew,
    RequestError,
    StorageUnavailable,
    Unauthorized,
)
from serve_app.request_ids import request_id_of

PROBLEM = b"application/problem+json"
RETRY_AFTER_S = 5
STORE_IS_FULL = "The blob store is full, so nothing was accepted; its owner must make room. Try again then."
_log = logging.getLogger(__name__)


class Problems:
    """ASGI middleware: whatever is raised before a response has started is answered with a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if started:
                raise  # the server cuts the connection, so the client sees that the body is not whole
            response = _problem_of(error, request_id_of(scope))
            await response(scope, receive, send)


def http_problem(request: Request, error: Exception) -> Response:
    """Starlette's handler for the HTTPExceptions that its router raises."""
    request_id = request_id_of(request.scope)
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == HTTPStatus.NOT_FOUND:
        return problem(status, NotFound.code, NotFound().detail, request_id)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(sorted(_methods_at(request)))}
        return problem(status, MethodNotAllowed.code, MethodNotAllowed().detail, request_id, headers)
    code = "body_malformed" if status < 500 else GnosisError.code
    return problem(status, code, HTTPStatus(status).phrase, request_id)


def _methods_at(request: Request) -> set[str]:
    methods: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods |= getattr(route, "methods", None) or set()
    return methods


def _problem_of(error: Exception, request_id: str) -> Response:
    if isinstance(error, BlobUnavailable | BlobForbidden):
        _log.warning("blob store, request %s: %s", request_id, error)
        error = StorageUnavailable(STORE_IS_FULL if isinstance(error, BlobStoreFull) else None)
    if isinstance(error, RequestError):
        wait = error.retry_after_s
        if wait is None and isinstance(error, Overloaded | StorageUnavailable):
            wait = RETRY_AFTER_S
        headers = {} if wait is None else {"Retry-After": str(wait)}
        if isinstance(error, Unauthorized):
            headers["WWW-Authenticate"] = "Bearer"
        return problem(error.status, error.code, error.detail, request_id, headers)
    if isinstance(error, DocumentError):
        _log.error("unreadable record, request %s: %s", request_id, error)
        status = 503 if isinstance(error, RecordTooNew) else 500
        return problem(status, error.code, error.detail, request_id)
    _log.error("request %s failed", request_id, exc_info=error)
    detail = f"Something went wrong in the server; its log says more under the request id {request_id}."
    return problem(500, GnosisError.code, detail, request_id)


def problem(status: int, code: str, detail: str, request_id: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
    }
    return Response(orjson.dumps(body), status, dict(headers or {}), media_type=PROBLEM.decode())
