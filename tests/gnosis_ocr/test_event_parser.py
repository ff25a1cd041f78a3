from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnosis_ocr.event_parser import Event, EventParser


def parsed(*pieces: bytes, last_id: str = "") -> list[Event]:
    parser = EventParser(last_id)
    return [event for piece in pieces for event in parser.fed(piece)]


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"event: page\nid: 1:2\ndata: {}\n\n", [Event("page", "{}", "1:2")]),
        (b"data: a\n\n", [Event("message", "a", "")]),
        (b"data:a\ndata: b\ndata\n\n", [Event("message", "a\nb\n", "")]),
        (b"id: 7\n\ndata: a\n\n", [Event("message", "a", "7")]),
        (b"id: 7\ndata: a\n\ndata: b\n\n", [Event("message", "a", "7"), Event("message", "b", "7")]),
        (b"id: 7\ndata: a\n\nid\ndata: b\n\n", [Event("message", "a", "7"), Event("message", "b", "")]),
        (b"id: 7\0\ndata: a\n\n", [Event("message", "a", "")]),
        (b"\xef\xbb\xbfdata: a\n\n", [Event("message", "a", "")]),
        (b"data: \xef\xbb\xbf\n\n", [Event("message", "\ufeff", "")]),
        (b"data: \xe2\x80\xa8 \x0b\n\n", [Event("message", "\u2028 \x0b", "")]),
        (b"data: \xff\n\n", [Event("message", "\ufffd", "")]),
        (b": still here\n\nretry: 10\nwhatever: 1\n\n", []),
        (b"event: page\n\ndata: a\n\n", [Event("message", "a", "")]),
        (b"event: page\ndata: never ended", []),
        (b"event: page\ndata: never ended\n", []),
        (b"", []),
    ],
)
def test_streams(stream: bytes, events: list[Event]) -> None:
    assert parsed(stream) == events
    for line_end in (b"\r\n", b"\r"):
        other = stream.replace(b"\n", line_end)
        assert parsed(other) == events
        assert parsed(*(other[at : at + 1] for at in range(len(other)))) == events


def test_counts_comments_and_keeps_the_id_of_the_stream_before() -> None:
    parser = EventParser("1:3")
    assert list(parser.fed(b": still here\n\n: still here\n\n")) == []
    assert parser.comments == 2
    assert list(parser.fed(b"data: a\n\n")) == [Event("message", "a", "1:3")]


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["status", "page"]), st.text(), st.integers(0, 99)), max_size=6),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.lists(st.integers(0, 400), max_size=6),
)
def test_where_the_pieces_are_cut_makes_no_difference(
    told: list[tuple[str, str, int]], line_end: bytes, cuts: list[int]
) -> None:
    stream, events = b"", []
    for name, text, number in told:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        fields = [f"event: {name}", f"id: {number}", *(f"data: {line}" for line in lines), "", ""]
        stream += line_end.join(field.encode("utf-8", "replace") for field in fields)
        events.append(Event(name, "\n".join(line.encode("utf-8", "replace").decode() for line in lines), str(number)))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert parsed(*(stream[start:end] for start, end in pairwise(edges))) == events


def test_a_large_event_in_small_pieces_is_read_in_one_pass() -> None:
    text = "x" * 2_000_000
    stream = f"data: {text}\n\n".encode()
    pieces = (stream[at : at + 4096] for at in range(0, len(stream), 4096))
    assert parsed(*pieces) == [Event("message", text, "")]
