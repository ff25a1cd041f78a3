"""The pieces that descriptions of operations are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from serve_app.openapi.dataclass_schema import Schema
from serve_app.openapi.problems import EVERYWHERE, ErrorClass, problem_answers

Part = dict[str, Any]
JSON = "application/json"
REQUEST_ID: Part = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
TEXT: Schema = {"type": "string"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def operation(
    name: str,
    tag: str,
    summary: str,
    answers: Mapping[int, Part],
    *,
    description: str = "",
    errors: Iterable[ErrorClass] = (),
    parameters: Sequence[Part] = (),
    body: Part | None = None,
    public: bool = False,
) -> Part:
    """errors: beside those that every operation has. public: asked without an API key."""
    problems = problem_answers([*EVERYWHERE, *errors])
    made: Part = {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "responses": {str(status): answer for status, answer in answers.items()} | problems,
    }
    for answer in made["responses"].values():
        answer["headers"] = {**answer.get("headers", {}), **REQUEST_ID}
    if description:
        made["description"] = description
    if parameters:
        made["parameters"] = list(parameters)
    if body is not None:
        made["requestBody"] = body
    if public:
        made["security"] = []
    return made


def answer(description: str, content: Mapping[str, Schema] | None = None, headers: Part | None = None) -> Part:
    """content: schemas by media type."""
    made: Part = {"description": description}
    if content:
        made["content"] = {kind: {"schema": schema} for kind, schema in content.items()}
    if headers:
        made["headers"] = headers
    return made


def header(description: str, schema: Schema | None = None, *, required: bool = True) -> Part:
    return {"description": description, "required": required, "schema": schema or TEXT}


def parameter(place: str, name: str, description: str, schema: Schema, *, required: bool = False) -> Part:
    """place: ``query``, ``header`` or ``path``."""
    return {"in": place, "name": name, "description": description, "required": required, "schema": schema}


def path_parameter(name: str, description: str, schema: Schema) -> Part:
    return parameter("path", name, description, schema, required=True)
