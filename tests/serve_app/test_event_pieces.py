"""Events as bytes: made once for those at the same place, and few are kept."""

from __future__ import annotations

from functools import partial

from serve_app.event_id import EventId
from serve_app.event_pieces import EventPieces


def test_an_event_is_made_once_for_all_at_the_same_place() -> None:
    made: list[int] = []

    def data(page: int) -> bytes:
        made.append(page)
        return b'{"page":%d}' % page

    pieces = EventPieces()
    first = [pieces.piece("page", EventId(1, 0b10), 1, lambda: data(1)) for _ in range(3)]
    assert first == [b'event: page\nid: 1:1\ndata: {"page":1}\n\n'] * 3
    assert pieces.made("page", EventId(1, 0b10), 1) == first[0]
    assert made == [1]


def test_events_differ_by_name_by_place_and_by_what_they_are_of() -> None:
    pieces = EventPieces()
    places = [("status", 1, "a"), ("done", 1, "a"), ("status", 2, "a"), ("status", 1, "b")]
    told = [
        pieces.piece(name, EventId(run), of, partial(str.encode, str(n))) for n, (name, run, of) in enumerate(places)
    ]
    assert len(set(told)) == 4


def test_the_oldest_is_forgotten() -> None:
    pieces = EventPieces(most=2)
    for page in (1, 2, 3):
        pieces.piece("page", EventId(1, 1 << page), page, lambda: b"{}")
    kept = [pieces.made("page", EventId(1, 1 << page), page) is not None for page in (1, 2, 3)]
    assert kept == [False, True, True]
