"""The description of the API: a valid OpenAPI document that says what the app does, and all of it."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.routing import Route

from benchmarks.contract_check import METHODS
from cluster import errors, options
from cluster.record import JobRecord, PageRecord
from serve_app.openapi.document import openapi_document
from tests.serve_app.builders import Server

DOCUMENT = openapi_document(("rapidocr", "null"), "1.2.3")
CONTRACT_PATHS = (
    "/api/jobs",
    "/api/jobs/{job_id}",
    "/api/jobs/{job_id}/status",
    "/api/jobs/{job_id}/events",
    "/api/jobs/{job_id}/result",
    "/api/jobs/{job_id}/pages/{page}",
    "/api/jobs/{job_id}/pages/{page}/text",
    "/api/jobs/{job_id}/pages/{page}/result",
    "/api/jobs/{job_id}/pages/{page}/image",
    "/api/jobs/{job_id}/cancel",
    "/api/jobs/{job_id}/retry",
    "/api/uploads",
    "/healthz",
    "/readyz",
    "/api/info",
    "/api/metrics/summary",
    "/openapi.json",
    "/docs",
)


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    paths = DOCUMENT["paths"].items()
    return {(method, path): item[method] for path, item in paths for method in METHODS if method in item}


def test_it_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(json.loads(json.dumps(DOCUMENT))).validate()


def test_every_path_of_the_contract_is_described() -> None:
    assert set(CONTRACT_PATHS) <= DOCUMENT["paths"].keys()


def test_it_describes_every_route_and_no_other(web: Server) -> None:
    routed: set[tuple[str, str]] = set()
    for route in web.app.routes:
        assert isinstance(route, Route)
        if not route.include_in_schema:
            assert route.path in ("/", "/web/{version}/{file:path}"), "the web page alone is no part of the API"
            continue
        methods = route.methods or set()
        routed |= {(method.lower(), route.path) for method in methods - ({"HEAD"} if "GET" in methods else set())}
    described = set(operations())
    assert routed - described == set()
    assert described == routed


def test_names_of_operations_are_unique() -> None:
    names = [operation["operationId"] for operation in operations().values()]
    assert sorted(names) == sorted(set(names))


def test_every_operation_tells_of_its_errors_and_its_parameters() -> None:
    for (method, path), operation in operations().items():
        assert {"500", "503"} <= operation["responses"].keys(), (method, path)
        described = [*DOCUMENT["paths"][path].get("parameters", ()), *operation.get("parameters", ())]
        in_path = {parameter["name"] for parameter in described if parameter["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        if path.startswith("/api/") and method != "options":
            assert {"401", "429"} <= operation["responses"].keys(), (method, path)
        for answer in operation["responses"].values():
            assert "X-Request-Id" in answer["headers"]


def test_every_code_of_a_request_is_told_by_some_operation() -> None:
    text = json.dumps(DOCUMENT["paths"])
    told = set(DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    missing = {code for code in told if f'"{code}"' not in text}
    assert missing == {errors.MethodNotAllowed.code}, "which is answered where no operation is"


@pytest.mark.parametrize(("name", "cls"), [("Job", JobRecord), ("Page", PageRecord)])
def test_records_are_described_with_all_their_fields(name: str, cls: type) -> None:
    assert set(DOCUMENT["components"]["schemas"][name]["properties"]) == {field.name for field in fields(cls)}


def test_options_are_those_that_are_taken() -> None:
    taken = set(options.ALLOWED)
    submit = operations()["post", "/api/jobs"]
    query = {parameter["name"] for parameter in submit["parameters"] if parameter["in"] == "query"}
    assert query == taken | {"filename", "wait"}
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["Submission"]["properties"]) == taken | {"file"}
    assert set(schemas["Options"]["properties"]) == taken
    assert schemas["Options"]["properties"]["engine"]["enum"] == ["rapidocr", "null"]


def test_a_deleted_jobs_status_is_never_shown() -> None:
    assert not {"deleting", "deleted"} & set(DOCUMENT["components"]["schemas"]["Job"]["properties"]["status"]["enum"])


async def test_it_is_served(web: Server) -> None:
    answer = await web.client.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == json.loads(json.dumps(openapi_document(("rapidocr",), "1.2.3")))
