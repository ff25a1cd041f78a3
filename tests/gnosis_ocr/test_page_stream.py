from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnosis_ocr import JobNotFound, PageStatus, PageText, ServerUnreachable, UnexpectedAnswer
from gnosis_ocr.exchange import FOLLOW_PAUSES_S
from gnosis_ocr.page_stream import BARREN_STREAMS
from gnosis_ocr.records import ErrorInfo
from tests.gnosis_ocr.canned_wire import LOST, SILENT, Caller, Pieces, Wire, problem
from tests.gnosis_ocr.event_server import EVENT_STREAM, TEXTS, EventServer, event

PAGES = [PageText(number, PageStatus.COMPLETED, text) for number, text in TEXTS.items()]
WHOLE = b"".join(EventServer().events(""))


def told(server: EventServer) -> tuple[list[PageText], Wire]:
    wire = Wire(server)
    with wire.client() as client:
        return list(client.pages("j")), wire


def test_tells_every_page_once_and_ends(caller: Caller) -> None:
    server = EventServer()
    wire = Wire(server)
    assert caller.items(wire, "pages", "j") == PAGES
    assert wire.lines == ["GET /api/jobs/j/events"]
    assert wire.requests[0].headers["Accept"] == "text/event-stream"
    assert server.opened[0].closed


def test_a_listener_that_has_enough_leaves(caller: Caller) -> None:
    server = EventServer()
    assert caller.items(Wire(server), "pages", "j", most=2) == PAGES[:2]
    assert server.opened[0].closed


def test_a_stream_cut_at_any_byte_is_gone_on_with() -> None:
    texts = {1: TEXTS[1], 2: TEXTS[4]}
    whole = b"".join(EventServer(texts=texts).events(""))
    for cut in range(len(whole)):
        server = EventServer(cuts=[cut], texts=texts)
        pages, _ = told(server)
        assert [(page.page, page.text) for page in pages] == list(texts.items()), f"cut after {cut} bytes"
        assert set(server.asked) == {"/events"}


def test_goes_on_after_the_last_whole_event(caller: Caller) -> None:
    events = list(EventServer().events(""))
    wire = Wire(EventServer(cuts=[len(b"".join(events[:3])) + 20]))
    assert caller.items(wire, "pages", "j") == PAGES
    assert [request.headers.get("Last-Event-ID") for request in wire.requests] == [None, "1:1,2"]
    assert wire.slept == [FOLLOW_PAUSES_S[0]]


@settings(max_examples=40, deadline=None)
@given(
    cuts=st.lists(st.integers(0, len(WHOLE) - 1), max_size=8),
    piece=st.integers(1, 200),
    failed=st.sets(st.sampled_from(sorted(TEXTS))),
    ids_refused=st.sampled_from([None, 400, 413, 431]),
)
def test_however_often_it_is_cut_no_page_is_lost_or_told_twice(
    cuts: list[int], piece: int, failed: set[int], ids_refused: int | None
) -> None:
    pages, _ = told(EventServer(cuts=cuts, piece=piece, failed=sorted(failed), ids_refused=ids_refused))
    assert [page.page for page in pages] == list(TEXTS)
    for page in pages:
        expected = (PageStatus.FAILED, None) if page.page in failed else (PageStatus.COMPLETED, TEXTS[page.page])
        assert (page.status, page.text) == expected


@pytest.mark.parametrize("status", [400, 413, 431])
def test_an_id_that_is_refused_is_done_without(caller: Caller, status: int) -> None:
    server = EventServer(cuts=[len(WHOLE) - 3], ids_refused=status)
    wire = Wire(server)
    assert caller.items(wire, "pages", "j") == PAGES
    assert [request.headers.get("Last-Event-ID") for request in wire.requests] == [None, "1:1,2,3,4", None]


def test_waits_for_a_server_that_starts_again(caller: Caller) -> None:
    server = EventServer(cuts=[len(WHOLE) - 80])
    refused = httpx.ConnectError("connection refused")
    busy = httpx.Response(503, text="<html>no server is available</html>")
    wire = Wire(server, *[refused] * 4, busy, server)
    assert caller.items(wire, "pages", "j") == PAGES
    assert wire.slept == [FOLLOW_PAUSES_S[0], *FOLLOW_PAUSES_S[:5]]


def test_a_server_that_stays_away_is_given_up() -> None:
    wire = Wire(EventServer(cuts=[len(WHOLE) - 80]), LOST)
    pages: list[PageText] = []
    with pytest.raises(ServerUnreachable), wire.client() as client:
        pages.extend(client.pages("j"))
    assert wire.slept[1:] == list(FOLLOW_PAUSES_S)


@pytest.mark.parametrize(
    "answer",
    [SILENT, httpx.Response(200, text="<html>"), problem(404, "not_found")],
    ids=["held back", "no events", "a server without them"],
)
def test_where_no_events_come_through_the_record_is_followed(caller: Caller, answer: httpx.Response) -> None:
    server = EventServer(failed=[3])
    wire = Wire(answer, server)
    failed = PageText(3, PageStatus.FAILED, None, ErrorInfo("engine_failed", "No."))
    assert caller.items(wire, "pages", "j") == [PAGES[0], PAGES[1], failed, PAGES[3]]
    assert server.asked == ["/status", "/pages/1", "/pages/2", "/pages/4"]


def test_streams_that_bring_nothing_are_given_up_for_the_record(caller: Caller) -> None:
    head = len(next(EventServer().events("")))
    server = EventServer(cuts=[len(WHOLE) - 300, *[head] * BARREN_STREAMS])
    wire = Wire(server)
    pages = caller.items(wire, "pages", "j")
    assert pages == PAGES
    assert server.asked[: 1 + BARREN_STREAMS] == ["/events"] * (1 + BARREN_STREAMS)
    assert server.asked[1 + BARREN_STREAMS] == "/status"
    assert "/pages/1" not in server.asked[1 + BARREN_STREAMS :], "told before"


def test_streams_that_bring_the_same_pages_over_and_over_are_given_up(caller: Caller) -> None:
    cut = len(b"".join(list(EventServer().events(""))[:3]))
    server = EventServer(cuts=[cut] * 50, ids_refused=431)
    assert caller.items(Wire(server), "pages", "j") == PAGES
    assert server.asked[-3:] == ["/status", "/pages/3", "/pages/4"]


def test_a_stream_that_lives_without_news_is_no_barren_one() -> None:
    quiet = event("status", "1:", {"job_id": "j", "status": "processing", "run": 1}) + b": still here\n\n"
    alive = [httpx.Response(200, headers=EVENT_STREAM, stream=Pieces(quiet)) for _ in range(2 * BARREN_STREAMS)]
    server = EventServer()
    with Wire(*alive, server).client() as client:
        assert list(client.pages("j")) == PAGES
    assert server.asked == ["/events"]


def test_a_job_that_is_deleted_meanwhile_is_told_of_as_gone(caller: Caller) -> None:
    server = EventServer(cuts=[len(WHOLE) - 300])
    wire = Wire(server, problem(404, "job_not_found"))
    with pytest.raises(JobNotFound):
        caller.items(wire, "pages", "j")


def pages_of(*streams: Sequence[bytes]) -> list[tuple[int, str]]:
    answers = [httpx.Response(200, headers=EVENT_STREAM, stream=Pieces(*stream)) for stream in streams]
    with Wire(*answers).client() as client:
        return [(page.page, page.status.value) for page in client.pages("j")]


def status(run: int) -> bytes:
    return event("status", f"{run}:", {"job_id": "j", "status": "processing", "run": run})


def page(number: int, how: str, last_id: str) -> bytes:
    return event("page", last_id, {"page": number, "status": how, "text": "x" if how == "completed" else None})


def test_a_retry_tells_the_pages_anew_that_were_not_completed() -> None:
    first = [status(1), page(1, "completed", "1:1"), page(2, "failed", "1:1-2"), page(3, "skipped", "1:1-3")]
    second = [status(2), page(2, "completed", "2:1-2"), page(3, "failed", "2:1-3"), event("done", "2:1-3", {})]
    expected = [(1, "completed"), (2, "failed"), (3, "skipped"), (2, "completed"), (3, "failed")]
    assert pages_of([*first, *second]) == expected
    assert pages_of(first, second) == expected
    again = [status(2), page(1, "completed", "2:1"), *second[1:]]
    assert pages_of(first, again) == expected, "the server tells all pages where it gets no id"


def test_events_of_a_later_version_are_passed_over() -> None:
    stream = [status(1), event("weather", "1:", {"sun": 1}), page(1, "completed", "1:1"), event("done", "1:1", {})]
    assert pages_of(stream) == [(1, "completed")]


@pytest.mark.parametrize(
    "spoilt", [b"event: page\ndata: {\n\n", b"event: page\ndata: []\n\n", b"event: status\ndata: 1\n\n"]
)
def test_an_event_that_can_not_be_read_is_told(spoilt: bytes) -> None:
    with pytest.raises(UnexpectedAnswer, match="sent an event that can't be read"):
        pages_of([spoilt])


def test_a_stored_result_that_can_not_be_read_any_more_is_a_page_without_text(caller: Caller) -> None:
    server = EventServer()
    wire = Wire(SILENT, server, problem(500, "record_damaged"), server)
    assert caller.items(wire, "pages", "j") == [PageText(1, PageStatus.COMPLETED, None), *PAGES[1:]]
