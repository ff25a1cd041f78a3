"""The last few events of a job as bytes: listeners who have got the same are told the same, and it is made once."""

from __future__ import annotations

from collections.abc import Callable

from serve_app.event_id import EventId

MOST_PIECES = 8
"""Hundreds of listeners of a live job are at one or two places; those who come late are told alone."""


class EventPieces:
    def __init__(self, most: int = MOST_PIECES) -> None:
        self._most = most
        self._made: dict[tuple[str, EventId, object], bytes] = {}

    def made(self, name: str, position: EventId, of: object) -> bytes | None:
        """The event of that name and id. of: what tells it from others with both, such as the record's etag."""
        return self._made.get((name, position, of))

    def piece(self, name: str, position: EventId, of: object, data: Callable[[], bytes]) -> bytes:
        """As ``made``, or made now. data: what is told, JSON without line ends."""
        known = self._made.get((name, position, of))
        if known is not None:
            return known
        made = b"event: %s\nid: %s\ndata: %s\n\n" % (name.encode(), str(position).encode(), data())
        self._made[name, position, of] = made
        if len(self._made) > self._most:
            del self._made[next(iter(self._made))]
        return made
