"""What is described and what is answered, held against each other by schemathesis, in process."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema as OpenApiSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from serve_app.openapi.document import openapi_document
from tests.serve_app.builders import PDF, Server
from tests.serve_app.obedient_host import obedient_server
from tests.serve_app.openapi.test_document import METHODS, NOT_ROUTED
from tests.serve_app.standing_jobs import put_standing_jobs

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 16
PATHS = openapi_document(("null",), "1")["paths"]
RUNS = [
    (method, path, mode)
    for path, item in PATHS.items()
    for method in METHODS
    if method in item and (method, path) not in NOT_ROUTED
    for mode in GenerationMode
    # Where nothing but the path is sent there is nothing to send wrongly.
    if mode is GenerationMode.POSITIVE or {"parameters", "requestBody"} & item[method].keys()
]


@pytest.fixture(scope="module")
def web() -> Server:
    return obedient_server(max_direct_upload_mb=1)


@pytest.fixture(scope="module")
def schema(web: Server) -> OpenApiSchema:
    """The description as it is served."""
    return schemathesis.openapi.from_asgi("/openapi.json", web.app)


@pytest.mark.parametrize(("method", "path", "mode"), RUNS)
def test_answers_are_as_described(
    web: Server, schema: OpenApiSchema, method: str, path: str, mode: GenerationMode
) -> None:
    jobs = asyncio.run(put_standing_jobs(web))

    @given(schema[path][method].as_strategy(generation_mode=mode), st.sampled_from([*jobs, None]), st.integers(0, 2))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Case[Any], job: str | None, chosen: int) -> None:
        if job is not None and "job_id" in case.path_parameters:
            case.path_parameters["job_id"] = job
            if chosen and "page" in case.path_parameters:
                case.path_parameters["page"] = chosen
        if chosen and mode is GenerationMode.POSITIVE:
            _carry_a_document(case)
        seen.append(case.call_and_validate(checks=CHECKS).status_code)

    seen: list[int] = []
    check()
    if mode is GenerationMode.POSITIVE and path != "/docs/{file}":
        assert any(status < 400 for status in seen), "it is described how one comes to an answer, too"


def _carry_a_document(case: Case[Any]) -> None:
    """In the place of bytes of no kind, all of which are answered with 415."""
    body: Any = case.body
    if isinstance(body, dict) and "file" in body:
        case.body = {**body, "file": PDF}
    elif isinstance(body, bytes):
        case.body = PDF
