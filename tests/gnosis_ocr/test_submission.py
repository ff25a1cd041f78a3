from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import httpx
import pytest

import cluster.options
from gnosis_ocr import (
    FileTooLarge,
    JobOptions,
    MediaTypeUnsupported,
    OptionInvalid,
    ServerUnreachable,
    SourceUnreadable,
)
from gnosis_ocr.exchange import PAUSES_S
from tests.gnosis_ocr.canned_wire import LOST, URL, Caller, Wire, problem, record_answer
from tests.gnosis_ocr.tus_server import MB, TusServer
from tests.serve_app.canned_server import JOB_ID, QUEUED

DATA = b"%PDF-1.7 " * 1000


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.pdf"
    path.write_bytes(DATA)
    return path


def test_a_small_document_goes_in_one_request_without_asking(caller: Caller, scan: Path) -> None:
    wire = Wire(record_answer(QUEUED, 202))
    job = caller.call(wire, "submit", scan, dpi=300)
    request = wire.requests[0]
    assert job.job_id == JOB_ID
    assert (request.method, str(request.url)) == ("POST", f"{URL}/api/jobs")
    assert request.headers["Content-Length"] == str(len(wire.bodies[0]))
    assert "Transfer-Encoding" not in request.headers
    assert DATA in wire.bodies[0]
    assert b'name="dpi"\r\n\r\n300\r\n' in wire.bodies[0]
    assert b'filename="scan.pdf"' in wire.bodies[0]


def test_is_tried_again_with_the_same_key_and_body(caller: Caller, scan: Path) -> None:
    wire = Wire(LOST, problem(503, "overloaded", Retry_After="7"), problem(503, "overloaded"), record_answer(QUEUED))
    caller.call(wire, "submit", scan)
    assert wire.slept == [PAUSES_S[0], 7, PAUSES_S[2]]
    assert len(set(wire.bodies)) == 1
    keys = {request.headers["Idempotency-Key"] for request in wire.requests}
    assert len(keys) == 1
    caller.call(wire, "submit", scan)
    assert wire.requests[-1].headers["Idempotency-Key"] not in keys, "another call, another job"


def test_knows_every_option_of_the_server() -> None:
    kinds = get_type_hints(JobOptions)
    assert set(kinds) == set(cluster.options.ALLOWED)
    for name, values in (
        ("mode", cluster.options.MODES),
        ("layout", cluster.options.LAYOUTS),
        ("priority", cluster.options.PRIORITIES),
    ):
        assert get_args(get_args(kinds[name])[0]) == values, name


def test_options_as_the_server_takes_them(caller: Caller) -> None:
    wire = Wire(record_answer(QUEUED))
    caller.call(
        wire,
        "submit",
        "gs://bucket/a.pdf",
        idempotency_key="mine",
        mode="ocr",
        pages="1-3,7",
        engine=None,
        languages=["de", "fr"],
        layout="plain",
        priority="bulk",
        dpi=200,
    )
    assert wire.requests[0].headers["Idempotency-Key"] == "mine"
    assert wire.requests[0].headers["Content-Type"] == "application/json"
    assert wire.bodies == [
        b'{"source": {"uri": "gs://bucket/a.pdf"}, "options": {"mode": "ocr", "pages": "1-3,7", '
        b'"languages": "de,fr", "layout": "plain", "priority": "bulk", "dpi": "200"}}'
    ]


def test_bytes_have_the_name_that_is_given() -> None:
    wire = Wire(record_answer(QUEUED))
    wire.client().submit(DATA, filename="from memory.pdf", languages="de")
    assert b'filename="from memory.pdf"' in wire.bodies[0]
    assert b'name="languages"\r\n\r\nde\r\n' in wire.bodies[0]


@pytest.mark.parametrize("limits", [True, False])
def test_a_document_below_the_limit_goes_in_one_request(limits: bool) -> None:
    server = TusServer(limits=limits)
    wire = Wire(server)
    wire.client().submit(b"x" * (9 * MB))
    assert wire.lines == ["GET /api/info", "POST /api/jobs"]


def test_a_low_limit_is_found_out(caller: Caller) -> None:
    server = TusServer(largest=MB)
    wire = Wire(server)
    caller.call(wire, "submit", b"x" * (2 * MB), filename="a.pdf")
    assert wire.lines[:2] == ["POST /api/jobs", "GET /api/info"]
    assert server.stored == b"x" * (2 * MB)
    assert server.name == "a.pdf"
    assert len(set(server.keys)) == 1


def test_what_is_too_large_for_the_server_altogether_is_refused() -> None:
    info = {"version": "1", "limits": {"upload_bytes": MB, "direct_upload_bytes": MB}}
    wire = Wire(problem(413, "file_too_large"), httpx.Response(200, json=info))
    with pytest.raises(FileTooLarge):
        wire.client().submit(b"x" * (2 * MB))
    assert len(wire.requests) == 2


def test_a_document_that_can_not_be_read_is_never_sent(caller: Caller, tmp_path: Path) -> None:
    wire = Wire(record_answer(QUEUED))
    with pytest.raises(SourceUnreadable):
        caller.call(wire, "submit", tmp_path / "absent.pdf")
    assert wire.requests == []


@pytest.mark.parametrize("key", ["ключ", "two\nlines", "k" * 201])
def test_a_key_that_can_not_be_sent_is_told(caller: Caller, key: str) -> None:
    wire = Wire(record_answer(QUEUED))
    with pytest.raises(OptionInvalid, match="`idempotency_key` must have 1 to 200"):
        caller.call(wire, "submit", DATA, idempotency_key=key)
    assert wire.requests == []


def test_a_document_that_changes_on_its_way_is_told(caller: Caller, scan: Path) -> None:
    def cut_short(request: httpx.Request) -> httpx.Response:
        scan.write_bytes(DATA[:10])
        raise LOST

    with pytest.raises(SourceUnreadable, match=r"scan\.pdf changed while it was sent"):
        caller.call(Wire(cut_short, record_answer(QUEUED)), "submit", scan)


def test_a_refusal_is_told_by_its_class(caller: Caller, scan: Path) -> None:
    with pytest.raises(MediaTypeUnsupported):
        caller.call(Wire(problem(415, "media_type_unsupported")), "submit", scan)
    with pytest.raises(ServerUnreachable):
        caller.call(Wire(LOST), "submit", scan)
