from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.ocr.chat_reply import Refusal, Reply, read_reply
from cluster.errors import EngineFailed, EngineGaveUp, PageError

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def reply(status: int, body: Any, **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, data, NOW)


def chosen(content: Any, reason: str | None = "stop") -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": reason}]}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("# Title\n", "# Title"),
        ("", ""),
        ([{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}, 7], "ab"),
        ("half a pair: \ud800", "half a pair: ?"),
    ],
)
def test_text(content: Any, text: str) -> None:
    assert reply(200, chosen(content)) == text
    assert reply(200, chosen(content, None)) == text


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (chosen("cut", "length"), EngineGaveUp, "cut off"),
        (chosen("", "content_filter"), EngineFailed, "content_filter"),
        (chosen("half", "abort"), EngineFailed, "abort"),
        (chosen(None), EngineFailed, "no text"),
        ({"choices": []}, EngineFailed, "without any choice"),
        ({"choices": [{"text": "legacy"}]}, EngineFailed, "no choice with a message"),
        ([1], EngineFailed, "no choice with a message"),
        (b"<html>", EngineFailed, "no JSON"),
        (b"[" * 100_000, EngineFailed, "no JSON"),
        (b"\xff\xfe", EngineFailed, "no JSON"),
    ],
)
def test_what_is_no_text(body: Any, error: type[PageError], said: str) -> None:
    failed = reply(200, body)
    assert type(failed) is error
    assert said in failed.detail


@pytest.mark.parametrize("status", [400, 404, 405, 409, 413, 415, 422, 301, 302, 201])
def test_what_the_page_fails_for(status: int) -> None:
    failed = reply(status, {"error": {"message": "No."}})
    assert type(failed) is EngineFailed
    assert failed.detail == f"The server answered HTTP {status}: No."


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_said_of_a_key_is_not_repeated(status: int) -> None:
    failed = reply(status, {"error": {"message": "Wrong key: s3cret"}})
    assert type(failed) is EngineFailed
    assert failed.detail == f"The server refuses the API key (HTTP {status})."


@pytest.mark.parametrize(
    ("status", "passing", "overloaded"),
    [
        (429, True, True),
        (503, True, True),
        (502, True, False),
        (504, True, False),
        (500, False, False),
        (501, False, False),
        (408, False, False),
    ],
)
def test_what_may_be_asked_again(status: int, passing: bool, overloaded: bool) -> None:
    refused = reply(status, b"", retry_after="Thu, 01 Jan 2026 12:00:09 GMT")
    assert refused == Refusal(f"The server answered HTTP {status}: (no message)", passing, overloaded, 9)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "as OpenAI says it"}}, "as OpenAI says it"),
        ({"error": "in short"}, "in short"),
        ({"message": "as vLLM said it"}, "as vLLM said it"),
        ({"detail": "as FastAPI says it"}, "as FastAPI says it"),
        ({"detail": [{"loc": ["body"], "msg": "as FastAPI lists it"}]}, "as FastAPI lists it"),
        ({"other": 1}, '{"other": 1}'),
        (b"plain \x1b[31m text\n\n of  lines", "plain [31m text of lines"),
        (b"word " * 1000, ("word " * 60).strip() + " …"),
    ],
)
def test_messages_are_short_and_of_one_line(body: Any, said: str) -> None:
    failed = reply(400, body)
    assert isinstance(failed, EngineFailed)
    assert failed.detail == f"The server answered HTTP 400: {said}"
