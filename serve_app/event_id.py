"""The id of an event: the run and the set of pages delivered so far, ``1:1-3,7``.

It is all that a stream has to know to go on after an interruption, at any Ingress. A retry keeps the pages that were
completed and reads the others again, so in the next run those others are to be delivered anew: which they are the
record tells, for every completed page names its run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain

from cluster.errors import OptionInvalid
from cluster.record import JobRecord, PageStatus
from serve_app.page_set import PageSet, page_set, spelled

_PAGE = r"[1-9][0-9]{0,4}"  # as many as GNOSIS_MAX_PAGES may be
_SPAN = rf"{_PAGE}(?:-{_PAGE})?"
_ID = re.compile(rf"([1-9][0-9]{{0,8}}):((?:{_SPAN}(?:,{_SPAN})*)?)", re.ASCII)
_ALLOWED = "allowed is the id of an event of this job, such as `1:1-3,7`; without it all pages are sent"


@dataclass(frozen=True, slots=True)
class EventId:
    run: int
    pages: PageSet = 0

    def __str__(self) -> str:
        return f"{self.run}:{spelled(self.pages)}"

    def fits(self, record: JobRecord) -> bool:
        """Whether an event of the job may have had this id. Pages may be delivered before the record names any."""
        if self.run != record.run:
            return self.run < record.run
        unknown = not record.pages and not record.terminal
        return unknown or not self.pages & ~page_set(record.pages)

    def carried(self, record: JobRecord) -> EventId:
        """What of it holds in the record's run. The id itself, until the record tells of pages."""
        if self.run >= record.run or not record.pages:
            return self
        kept = page_set(
            number
            for number, page in record.pages.items()
            if page.status is PageStatus.COMPLETED and (page.run or 1) <= self.run
        )
        return EventId(record.run, self.pages & kept)

    def delivered(self, page: int) -> EventId:
        return replace(self, pages=self.pages | 1 << page)


def parse_event_id(text: str) -> EventId:
    """A Last-Event-ID; OptionInvalid."""
    match = _ID.fullmatch(text)
    if match is None:
        raise bad_event_id(text)
    spans: list[range] = []
    end = 0
    for part in filter(None, match[2].split(",")):
        first, _, last = part.partition("-")
        if int(first) <= end or int(last or first) < int(first):
            raise bad_event_id(text)
        end = int(last or first)
        spans.append(range(int(first), end + 1))
    return EventId(int(match[1]), page_set(chain.from_iterable(spans)))


def bad_event_id(text: str) -> OptionInvalid:
    return OptionInvalid(f"`Last-Event-ID` is `{text[:40]}`; {_ALLOWED}.")
