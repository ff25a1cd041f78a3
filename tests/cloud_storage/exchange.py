"""A request as the double sees it, and its answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """path: still percent-encoded. headers: by lower-case name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """generation: of the object it tells of, for the log. reset: the connection is reset instead of an answer.

    cut: so many bytes of the body are sent, then the connection ends; None: all.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    generation: int = 0
    reset: bool = False
    cut: int | None = None


RESET = Answer(status=0, reset=True)


def json_answer(content: Any, status: int = 200, generation: int = 0) -> Answer:
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    return Answer(status, headers, json.dumps(content).encode(), generation)


class Refusal(Exception):
    """The API says no. reason: the machine-readable word of the real one's error body."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message

    def answer(self) -> Answer:
        error = {"message": self.message, "domain": "global", "reason": self.reason}
        return json_answer({"error": {"code": self.status, "message": self.message, "errors": [error]}}, self.status)


def bad_request(message: str) -> Refusal:
    return Refusal(400, "invalid", message)
