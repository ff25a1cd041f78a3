"""A record as an answer: the bytes as they are stored, under headers that are made once for each version.

Status is what is asked for most, by many at once, and what they are told is the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from serve_app.found import Found


class RecordResponse(Response):
    """headers: beside those of the record."""

    media_type = "application/json"

    def __init__(self, found: Found, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        self.status_code = status
        self.background = None
        self.body = found.data
        self.raw_headers = list(found.headers)
        if headers:
            self.raw_headers += [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
