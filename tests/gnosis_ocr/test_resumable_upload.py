from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnosis_ocr import (
    Overloaded,
    RequestRefused,
    ServerUnreachable,
    UnexpectedAnswer,
    UploadConflict,
    UploadNotFound,
    resumable_upload,
    submission,
)
from gnosis_ocr.exchange import FOLLOW_PAUSES_S
from gnosis_ocr.resumable_upload import CHUNK_BYTES
from tests.gnosis_ocr.canned_wire import LOST, Caller, Wire, problem
from tests.gnosis_ocr.tus_server import MB, TusServer

DATA = os.urandom(1 << 16) * ((20 * MB) >> 16)  # three chunks


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("books") / "Über Bücher.pdf"
    path.write_bytes(DATA)
    return path


def test_a_large_document_goes_in_chunks(caller: Caller, book: Path) -> None:
    server = TusServer(largest=10 * MB)
    wire, told = Wire(server), []
    job = caller.call(
        wire, "submit", book, pages="1-3", idempotency_key="k", on_progress=lambda sent, of: told.append((sent, of))
    )
    assert job.status == "queued"
    assert server.stored == DATA
    assert (server.name, server.length) == ("Über Bücher.pdf", len(DATA))
    assert server.chunks == [(0, 8 * MB), (8 * MB, 8 * MB), (16 * MB, 4 * MB)]
    assert server.submissions == [{"source": {"upload_id": "u-1"}, "options": {"pages": "1-3"}}]
    assert server.keys == ["k"]
    assert told[-1] == (len(DATA), len(DATA))
    assert [sent for sent, _ in told] == sorted(sent for sent, _ in told)
    assert len(told) == 80, "every piece is told of"
    assert wire.slept == []


def test_goes_on_at_the_offset_that_the_server_has(caller: Caller, book: Path) -> None:
    faults = [None, ("cut", 1000), ("lost", 0), ("busy", 7), ("cut", CHUNK_BYTES), ("moved", 0)]
    server = TusServer(largest=MB, faults=faults)
    wire = Wire(server)
    caller.call(wire, "submit", book)
    assert server.stored == DATA
    at = 8 * MB + 1000
    assert server.chunks == [(0, 8 * MB), (8 * MB, 8 * MB), (at, 8 * MB), (at + 8 * MB, 4 * MB - 1000)]
    assert wire.slept == [FOLLOW_PAUSES_S[0], FOLLOW_PAUSES_S[0], 7, FOLLOW_PAUSES_S[2]]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | st.tuples(st.just("cut"), st.integers(0, 8 << 10)) | st.just(("lost", 0)), max_size=6))
def test_wherever_it_is_cut_the_document_arrives_whole(faults: list[tuple[str, int] | None]) -> None:
    server, data = TusServer(largest=0, faults=faults), DATA[: 20 << 10]
    with pytest.MonkeyPatch.context() as patch, Wire(server).client() as client:
        for module in (resumable_upload, submission):
            patch.setattr(module, "CHUNK_BYTES", 8 << 10)
        client.submit(data, filename="book.pdf")
    assert server.stored == data


def test_another_offset_than_ours_is_taken_from_the_server() -> None:
    server = TusServer(largest=MB, faults=[("moved", MB)])
    with Wire(server).client() as client:
        client.submit(DATA)
    assert server.chunks[0] == (MB, 8 * MB)


@pytest.mark.parametrize(("fault", "error"), [(("lost", 0), ServerUnreachable), (("busy", 1), Overloaded)])
def test_a_server_that_takes_nothing_more_is_given_up(
    caller: Caller, book: Path, fault: tuple[str, int], error: type[Exception]
) -> None:
    server = TusServer(largest=MB, faults=[None, *[fault] * 100])
    wire = Wire(server)
    with pytest.raises(error):
        caller.call(wire, "submit", book)
    assert len(wire.slept) == len(FOLLOW_PAUSES_S)


def test_an_offset_that_never_fits_is_given_up(book: Path) -> None:
    created = httpx.Response(201, headers={"Location": "/api/uploads/u-1"})
    stands = httpx.Response(200, headers={"Upload-Offset": "0"})
    refused = problem(409, "upload_offset_mismatch")
    info = TusServer(largest=MB)
    wire = Wire(info, created, *[refused, stands] * 50)
    with pytest.raises(UploadConflict):
        wire.client().submit(book)
    assert len(wire.slept) == len(FOLLOW_PAUSES_S) + 1


def test_a_job_is_asked_of_the_upload_until_there_is_an_answer(book: Path) -> None:
    server = TusServer(largest=MB)

    def lost(request: httpx.Request) -> httpx.Response:
        server(request)
        raise LOST

    chunks = [server] * 5
    wire = Wire(*chunks, lost, server)
    wire.client().submit(book)
    assert len(server.submissions) == 2
    assert len(set(server.keys)) == 1


def test_an_upload_that_no_job_is_made_of_is_removed(caller: Caller, book: Path) -> None:
    server = TusServer(largest=MB, refusal=problem(415, "media_type_unsupported"))
    with pytest.raises(RequestRefused):
        caller.call(Wire(server), "submit", book)
    assert server.removed
    server = TusServer(largest=MB, refusal=problem(503, "overloaded"))
    with pytest.raises(Overloaded):
        caller.call(Wire(server), "submit", book)
    assert not server.removed, "the same key may yet make a job of it"


def test_an_upload_that_is_gone_is_told(book: Path) -> None:
    server = TusServer(largest=MB)
    with pytest.raises(UploadNotFound):
        Wire(server, server, problem(410, "upload_expired")).client().submit(book)


@pytest.mark.parametrize(
    "headers", [{}, {"Upload-Offset": "many"}, {"Upload-Offset": "-1"}, {"Upload-Offset": str(len(DATA) + 1)}]
)
def test_an_answer_that_does_not_say_how_far_it_is(book: Path, headers: dict[str, str]) -> None:
    server = TusServer(largest=MB)
    with pytest.raises(UnexpectedAnswer, match="does not say how much"):
        Wire(server, server, httpx.Response(204, headers=headers)).client().submit(book)
    with pytest.raises(UnexpectedAnswer, match="does not say where the upload is"):
        Wire(server, httpx.Response(201)).client().submit(book)
