"""The pages of a job as they are read, each once, whatever is cut or restarted on the way.

They come as Server-Sent Events. The id of the last event is all that the server needs to go on after an interruption;
which pages were told is kept here as well, for where that id can't be sent back. Where events do not come through, as
behind a proxy that holds streams back or cuts them, the job's record is followed in their place (page_polling.py).
"""

from __future__ import annotations

import json
from enum import Enum, auto

from gnosis_ocr.errors import NotFound, RequestRefused, ServerSilent, ServerUnreachable
from gnosis_ocr.event_parser import Event, EventParser
from gnosis_ocr.exchange import FOLLOW_PAUSES_S, exchange, unexpected
from gnosis_ocr.jobs import JobRef, path_of
from gnosis_ocr.page_polling import polled_pages
from gnosis_ocr.records import PageText
from gnosis_ocr.steps import Answer, Pause, Plan, Request, Shut, Tell, read
from gnosis_ocr.told_pages import ToldPages

IDLE_S = 45.0
"""A stream on which nothing came for so long is dead: the server sends a comment every 15 s."""

BARREN_STREAMS = 3
"""After so many streams in a row that brought no new page, nor lived to their first comment, events are given up."""

ID_REFUSED = frozenset({400, 413, 431})
"""How servers and proxies refuse a Last-Event-ID: it is none of theirs, or too long for a header."""


class _End(Enum):
    """How a stream ended. CUT: it had brought something. BARREN: it had not. CLOSED: there are no events here."""

    DONE = auto()
    CUT = auto()
    BARREN = auto()
    CLOSED = auto()


def streamed_pages(job: JobRef) -> Plan[None]:
    """Tells each page once, as soon as it has ended; returns when the job has. RequestRefused, ServerUnreachable."""
    stream = _Stream(job)
    barren = 0
    while True:
        end = yield from stream.run()
        if end is _End.DONE:
            return
        barren = barren + 1 if end is _End.BARREN else 0
        if end is _End.CLOSED or barren == BARREN_STREAMS:
            yield from polled_pages(job, stream.told)
            return
        yield Pause(FOLLOW_PAUSES_S[barren])


class _Stream:
    """told: the pages that the caller has got."""

    def __init__(self, job: JobRef) -> None:
        self.told = ToldPages()
        self._path = path_of(job, "/events")
        self._last_id = ""
        self._run = 1

    def run(self) -> Plan[_End]:
        """One stream, from where the last one was broken off."""
        try:
            answer = yield from self._opened()
        except ServerSilent:
            return _End.CLOSED
        except NotFound as missing:
            if missing.code != "not_found":  # the job is gone; else this server has no events
                raise
            return _End.CLOSED
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            yield Shut()
            return _End.CLOSED
        return (yield from self._read(answer))

    def _opened(self) -> Plan[Answer]:
        headers = {"Accept": "text/event-stream"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        request = Request("GET", self._path, headers, idle_s=IDLE_S)
        try:
            return (yield from exchange(request, pauses=FOLLOW_PAUSES_S, stream=True))
        except RequestRefused as refused:
            if not self._last_id or refused.status not in ID_REFUSED:
                raise
        self._last_id = ""
        return (yield from self._opened())

    def _read(self, answer: Answer) -> Plan[_End]:
        parser = EventParser(self._last_id)
        fruitful = False
        while True:
            try:
                piece = yield from read()
            except ServerUnreachable:
                piece = b""
            if not piece:
                yield Shut()
                return _End.CUT if fruitful or parser.comments else _End.BARREN
            for event in parser.fed(piece):
                try:
                    page = self._page(event)
                except (KeyError, TypeError, ValueError, AttributeError):
                    raise unexpected(answer, f"sent an event that can't be read: {event.data[:80]}") from None
                self._last_id = event.last_id
                if page is not None:
                    fruitful = True
                    yield Tell(page)
                if event.name == "done":
                    yield Shut()
                    return _End.DONE

    def _page(self, event: Event) -> PageText | None:
        """The page that the event tells of, where the caller does not know it yet."""
        if event.name == "status":
            self._run = int(json.loads(event.data).get("run") or 1)
        if event.name != "page":
            return None
        page = PageText.read(json.loads(event.data))
        if self.told.knows(page.page, self._run):
            return None
        self.told.add(page.page, page.status, self._run)
        return page
