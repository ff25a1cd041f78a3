"""The description of the server's own state, and of the API's description itself."""

from __future__ import annotations

from cluster.errors import NotFound
from serve_app.openapi.operation import JSON, TEXT, Part, answer, operation, path_parameter, ref
from serve_app.openapi.problems import OF_THE_API

SERVER = "server"
ALIVE: Part = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}


def server_paths() -> dict[str, Part]:
    return {
        "/healthz": {"get": _alive()},
        "/readyz": {"get": _ready()},
        "/api/info": {"get": _info()},
        "/api/metrics/summary": {"get": _metrics()},
        "/openapi.json": {"get": _document()},
        "/docs": {"get": _page()},
        "/docs/{file}": {"parameters": [path_parameter("file", "Its name.", TEXT)], "get": _file()},
    }


def _alive() -> Part:
    return operation(
        "alive", SERVER, "Whether the process lives", {200: answer("It does.", {JSON: ALIVE})}, public=True
    )


def _ready() -> Part:
    made = operation(
        "ready",
        SERVER,
        "Whether jobs can be accepted and read",
        {200: answer("They can.", {JSON: ref("Readiness")})},
        public=True,
    )
    # Beside the problem that every address may answer: what is missing, as JSON.
    made["responses"]["503"]["content"][JSON] = {"schema": ref("Readiness")}
    return made


def _info() -> Part:
    return operation(
        "info",
        SERVER,
        "Version, engines, limits, formats, features",
        {200: answer("What the server is and takes.", {JSON: ref("Info")})},
        errors=OF_THE_API,
    )


def _metrics() -> Part:
    return operation(
        "metricsSummary",
        SERVER,
        "Queue, pages a minute, batch fill, failures, memory",
        {200: answer("Figures of now, or of two seconds ago.", {JSON: ref("MetricsSummary")})},
        errors=OF_THE_API,
    )


def _document() -> Part:
    schema: Part = {"type": "object", "required": ["openapi", "info", "paths"]}
    return operation("openapi", SERVER, "This description", {200: answer("OpenAPI 3.1.", {JSON: schema})}, public=True)


def _page() -> Part:
    return operation(
        "docs", SERVER, "This description as a page", {200: answer("The page.", {"text/html": TEXT})}, public=True
    )


def _file() -> Part:
    kinds = {"text/javascript": TEXT, "text/css": TEXT}
    return operation(
        "docsFile",
        SERVER,
        "What the page is made of",
        {200: answer("The file.", kinds)},
        errors=(NotFound,),
        public=True,
    )
