"""Lines as JSON: what is bound where the work began is in every line about it."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sys
from typing import Any

import orjson

from cluster.log_context import bound, fresh_context, logged_about, logged_as, logged_further
from cluster.log_lines import JsonLines
from cluster.origin import UNKNOWN, Origin


def line(message: str = "read %d pages", *arguments: object, exc_info: Any = None) -> dict[str, Any]:
    record = logging.LogRecord("actors.ocr", logging.INFO, "file", 1, message, arguments, exc_info)
    decoded: dict[str, Any] = orjson.loads(JsonLines().format(record))
    return decoded


def test_a_line_has_time_level_logger_and_message() -> None:
    told = line("read %d pages", 3)
    assert told.keys() == {"time", "level", "logger", "message"}
    assert (told["level"], told["logger"], told["message"]) == ("INFO", "actors.ocr", "read 3 pages")
    assert told["time"].endswith("Z")


def test_what_is_bound_is_in_the_line_and_gone_after_the_block() -> None:
    with logged_as(request="r-1"), logged_about("j-1", Origin("r-1", 2), 7):
        told = line("a page")
    assert (told["job"], told["page"], told["epoch"], told["request"]) == ("j-1", 7, 2, "r-1")
    assert bound() == {}
    with logged_about("j-1", UNKNOWN):
        assert bound() == {"job": "j-1"}, "what is not known is left out"


def test_what_is_learnt_on_the_way_is_in_the_rest_of_the_block() -> None:
    with logged_as(job="j-1"):
        logged_further(request="r-1")
        logged_further(epoch=2)
        assert bound() == {"job": "j-1", "request": "r-1", "epoch": 2}
    assert bound() == {}


def test_an_exception_is_in_the_line() -> None:
    try:
        raise ValueError("no page")
    except ValueError:
        told = line("failed", exc_info=sys.exc_info())
    assert "ValueError: no page" in told["exception"]


def test_what_is_not_utf_8_is_spelled_out() -> None:
    try:
        raise ValueError("no file \udcff")
    except ValueError as error:
        told = line("lost: %s", error, exc_info=sys.exc_info())
    assert told["message"] == "lost: no file \\udcff"
    assert told["exception"].endswith("ValueError: no file \\udcff")


async def test_a_fresh_context_keeps_what_lines_say_and_nothing_else() -> None:
    other: contextvars.ContextVar[str] = contextvars.ContextVar("other", default="unset")
    other.set("set")

    async def look() -> tuple[object, str]:
        return dict(bound()), other.get()

    with logged_as(request="r-1"):
        context = fresh_context(job="j-1", page=0)
    assert await asyncio.create_task(look(), context=context) == ({"request": "r-1", "job": "j-1"}, "unset")
