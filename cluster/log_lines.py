"""Log lines as JSON: an object a line, with what the line is about (log_context.py) as fields of its own."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import orjson

from cluster.clock import to_text
from cluster.log_context import bound


class JsonLines(logging.Formatter):
    """time (UTC, microseconds), level, logger, message; job, page, epoch, request where they are known; exception."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": to_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname,
            "logger": record.name,
            "message": _printable(record.getMessage()),
            **bound(),
        }
        if record.exc_info:
            line["exception"] = _printable(self.formatException(record.exc_info))
        return orjson.dumps(line, default=str).decode()


def _printable(text: str) -> str:
    """What no UTF-8 can hold, as bytes of a file's name that are none, is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()
