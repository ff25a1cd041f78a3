"""What the server's own description says of an answer."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx

from serve_app.openapi.document import openapi_document


def assert_described(answer: httpx.Response) -> None:
    """A problem of a described operation has a status and code that the description names for it."""
    operation = _operation(answer.request.method.lower(), answer.request.url.path)
    if operation is None:
        return  # a path or method that there is not
    told = answer.json()
    described = operation["responses"].get(str(answer.status_code))
    assert described is not None, f"{told['code']} is answered with a status that is not described"
    schema = described["content"]["application/problem+json"]["schema"]
    assert told["code"] in _codes(schema), f"{told['code']} is not described"


def _codes(schema: dict[str, Any]) -> list[str]:
    (named,) = [part["properties"]["code"] for part in schema["allOf"] if "properties" in part]
    return named.get("enum") or [named["const"]]


def _operation(method: str, path: str) -> dict[str, Any] | None:
    """More exact paths first: those of one job end where that of a page goes on."""
    for pattern, item in _document()["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path) and method in item:
            found: dict[str, Any] = item[method]
            return found
    return None


@cache
def _document() -> dict[str, Any]:
    return openapi_document(["null"], "1")
