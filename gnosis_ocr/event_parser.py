"""Server-Sent Events out of bytes that come in pieces cut anywhere (the HTML standard's event stream format)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Event:
    """name: ``message`` where none was sent. last_id: of this event, or of the one before that had one."""

    name: str
    data: str
    last_id: str


class EventParser:
    """An event counts once the empty line at its end is there; what was begun is lost with the stream.

    comments: how many lines there were that say nothing but that the stream lives.
    """

    def __init__(self, last_id: str = "") -> None:
        self.comments = 0
        self._last_id = last_id
        self._name = ""
        self._data: list[str] = []
        self._rest = bytearray()
        self._looked = 0  # so much of the rest holds no end of a line
        self._begun = False
        self._line_feed_due = False  # the last line ended in a carriage return, of which it may be the rest

    def fed(self, piece: bytes) -> Iterator[Event]:
        """The events that end with this piece."""
        if piece and self._line_feed_due:
            piece, self._line_feed_due = piece.removeprefix(b"\n"), False
        self._rest += piece
        start = 0
        while (end := _LINE_END.search(self._rest, max(start, self._looked))) is not None:
            self._line_feed_due = end[0] == b"\r" and end.end() == len(self._rest)
            line = bytes(self._rest[start : end.start()])
            start = self._looked = end.end()
            event = self._line(line)
            if event is not None:
                yield event
        del self._rest[:start]
        self._looked = len(self._rest)

    def _line(self, line: bytes) -> Event | None:
        if not self._begun:
            line, self._begun = line.removeprefix(b"\xef\xbb\xbf"), True
        if not line:
            return self._dispatched()
        name, _, value = line.decode("utf-8", errors="replace").partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments += 1
        elif name == "event":
            self._name = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._last_id = value
        return None

    def _dispatched(self) -> Event | None:
        name, data = self._name, self._data
        self._name, self._data = "", []
        return Event(name or "message", "\n".join(data), self._last_id) if data else None
