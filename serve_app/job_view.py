"""A job as its listeners see it: the record as last stored, and the pages whose results are stored."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from cluster.record import JobRecord, PageStatus
from serve_app.found import Found
from serve_app.page_set import PageSet, page_set

_UNFINISHED = (PageStatus.PENDING, PageStatus.PROCESSING)


@dataclass(frozen=True)
class JobView:
    """ahead: pages whose result is stored, of which the record does not tell yet. One view serves all listeners."""

    found: Found
    ahead: tuple[int, ...] = ()

    @property
    def record(self) -> JobRecord:
        return self.found.record

    @cached_property
    def done(self) -> PageSet:
        """The pages that may be delivered."""
        ended = page_set(number for number, page in self.record.pages.items() if page.status not in _UNFINISHED)
        return ended | page_set(self.ahead)

    @cached_property
    def summary(self) -> bytes:
        """The record without its pages, as JSON."""
        return orjson.dumps(without_pages(self.record))


def without_pages(record: JobRecord) -> dict[str, Any]:
    """A record without its pages, which may be thousands."""
    return {name: getattr(record, name) for name in JobRecord.__slots__ if name != "pages"}
