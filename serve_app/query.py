"""What requests say in their query and in If-None-Match."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.datastructures import QueryParams

from cluster.errors import OptionInvalid
from cluster.record import TERMINAL, JobStatus
from serve_app.listing import JobQuery, decode_token

MAX_WAIT_S = 60.0
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
_SECONDS = re.compile(r"^[0-9]{1,3}(\.[0-9]{1,6})?$", re.ASCII)
_STATUSES = [JobStatus.QUEUED, JobStatus.EXTRACTING, JobStatus.PROCESSING, *sorted(TERMINAL)]
_LIST_NAMES = ("status", "session_id", "limit", "page_token")


def single_values(query: QueryParams) -> dict[str, str]:
    """The query with every name once; OptionInvalid."""
    values: dict[str, str] = {}
    for name, value in query.multi_items():
        if name in values:
            raise OptionInvalid(f"`{name[:60]}` is sent twice.")
        values[name] = value
    return values


def wait_seconds(query: Mapping[str, str]) -> float | None:
    """``wait``: seconds, None where it is not asked for; OptionInvalid outside of 0 to 60."""
    text = query.get("wait")
    if text is None:
        return None
    if _SECONDS.match(text) is None or float(text) > MAX_WAIT_S:
        raise OptionInvalid(f"`wait` is `{text[:40]}`; allowed are 0 to {MAX_WAIT_S:g} seconds.")
    return float(text)


def etag_named(header: str | None, etag: str) -> bool:
    """Whether an If-None-Match header names ``etag`` (compared weakly, as RFC 9110 says)."""
    if header is None:
        return False
    named = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in named or etag in named


def job_query(query: QueryParams) -> JobQuery:
    """OptionInvalid names what is wrong and what is allowed."""
    values = single_values(query)
    for name in values:
        if name not in _LIST_NAMES:
            allowed = ", ".join(f"`{known}`" for known in _LIST_NAMES)
            raise OptionInvalid(f"`{name[:60]}` is unknown; allowed are {allowed}.")
    token = values.get("page_token")
    return JobQuery(
        limit=_limit(values.get("limit")),
        status=_status(values.get("status")),
        session_id=values.get("session_id") or None,
        before=decode_token(token) if token else None,
    )


def _limit(text: str | None) -> int:
    if not text:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MAX_LIMIT):
        raise OptionInvalid(f"`limit` is `{text[:40]}`; allowed is a whole number from 1 to {MAX_LIMIT}.")
    return int(text)


def _status(text: str | None) -> JobStatus | None:
    if not text:
        return None
    if text not in _STATUSES:
        allowed = ", ".join(f"`{status}`" for status in _STATUSES)
        raise OptionInvalid(f"`status` is `{text[:40]}`; allowed are {allowed}.")
    return JobStatus(text)
