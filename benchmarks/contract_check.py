"""Holds one described operation against its answers, with schemathesis: no 5xx, and everything fits the description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
DOCUMENT = b"%PDF-1.7 pages 1\n%%EOF\n"
"""The null renderer, too, reads a page in it."""


schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")  # of tus


class Run(NamedTuple):
    """mode: requests as described, or with something wrong about them."""

    method: str
    path: str
    mode: GenerationMode


def runs(document: dict[str, Any]) -> list[Run]:
    """Every operation of an OpenAPI document, in both modes where there is anything to send wrongly beside the path."""
    return [
        Run(method, path, mode)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or {"parameters", "requestBody"} & item[method].keys()
    ]


def described_by(url: str) -> BaseSchema:
    """The description that the server at ``url`` gives of itself."""
    return schemathesis.openapi.from_url(f"{url}/openapi.json")


def statuses(schema: BaseSchema, run: Run, known: Mapping[str, Sequence[object]], examples: int) -> list[int]:
    """Sends so many requests; the statuses of the answers. Raises what schemathesis finds wrong with one of them.

    known: values of path parameters, by name, for which there is something; most of the requests are about those.
    """
    seen: list[int] = []
    cases = schema[run.path][run.method].as_strategy(generation_mode=run.mode)

    @given(cases, _paths(known), st.booleans())
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Case[Any], path: dict[str, Any], real: bool) -> None:
        case.path_parameters.update({name: value for name, value in path.items() if name in case.path_parameters})
        if real and run.mode is GenerationMode.POSITIVE:
            _carry_a_document(case)
        seen.append(case.call_and_validate(checks=CHECKS).status_code)

    check()
    return seen


def _paths(known: Mapping[str, Sequence[object]]) -> st.SearchStrategy[dict[str, Any]]:
    """Values in the place of those drawn, by parameter; at times none at all."""
    chosen = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in known.items()})
    return st.one_of(chosen, chosen, chosen, st.just({}))


def _carry_a_document(case: Case[Any]) -> None:
    """In the place of bytes of no kind, which are all refused; with no option, for few of those drawn are sound."""
    body: Any = case.body
    if isinstance(body, dict) and "file" in body:
        case.body = {"file": DOCUMENT.decode()}
        case.query.clear()
    elif isinstance(body, bytes):
        case.body = DOCUMENT
        case.query.clear()
