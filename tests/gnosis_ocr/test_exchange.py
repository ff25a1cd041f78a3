from __future__ import annotations

import httpx
import pytest

from gnosis_ocr import Overloaded, RequestRefused, ServerSilent, ServerUnreachable, UnexpectedAnswer
from gnosis_ocr.errors import GnosisError
from gnosis_ocr.exchange import LONGEST_PAUSE_S, PAUSES_S
from tests.gnosis_ocr.canned_wire import LOST, SILENT, URL, Caller, Canned, Wire, problem, record_answer
from tests.serve_app.canned_server import JOB_ID, QUEUED


def busy(**headers: str) -> httpx.Response:
    return problem(503, "overloaded", **headers)


def test_tries_again_where_no_answer_came_or_patience_was_asked_for(caller: Caller) -> None:
    wire = Wire(LOST, busy(Retry_After="7"), busy(), record_answer(QUEUED))
    assert caller.call(wire, "status", JOB_ID).job_id == JOB_ID
    assert wire.slept == [PAUSES_S[0], 7, PAUSES_S[2]]


@pytest.mark.parametrize("answer", [busy(), LOST, SILENT, httpx.RemoteProtocolError("no answer")], ids=repr)
def test_attempts_end(caller: Caller, answer: Canned) -> None:
    wire = Wire(answer)
    with pytest.raises((Overloaded, ServerUnreachable)):
        caller.call(wire, "status", JOB_ID)
    assert wire.slept == list(PAUSES_S)
    assert len(wire.requests) == 1 + len(PAUSES_S)


def test_tells_which_server_does_not_answer_and_why(caller: Caller) -> None:
    with pytest.raises(ServerUnreachable, match=f"{URL} does not answer: All connection attempts failed."):
        caller.call(Wire(httpx.ConnectError("All connection attempts failed")), "status", JOB_ID)
    with pytest.raises(ServerSilent, match="does not answer: ReadTimeout"):
        caller.call(Wire(httpx.ReadTimeout("")), "status", JOB_ID)


@pytest.mark.parametrize(
    "answer",
    [
        problem(415, "media_type_unsupported"),
        problem(409, "idempotency_conflict"),
        problem(500, "internal_error"),
        problem(429, "quota_exceeded", Retry_After="40000"),
        httpx.Response(301, headers={"Location": "https://elsewhere.example"}),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_what_stands_is_not_tried_again(answer: httpx.Response) -> None:
    wire = Wire(answer)
    with pytest.raises(RequestRefused):
        wire.client().status(JOB_ID)
    assert len(wire.requests) == 1
    assert wire.slept == []


def test_a_refusal_has_what_the_server_said() -> None:
    with pytest.raises(RequestRefused) as caught:
        Wire(problem(429, "quota_exceeded", "Tomorrow.", Retry_After="40000")).client().status(JOB_ID)
    refused = caught.value
    assert (refused.status, refused.code, refused.detail) == (429, "quota_exceeded", "Tomorrow.")
    assert (refused.retry_after, refused.request_id, str(refused)) == (40000, "r-1", "Tomorrow.")


@pytest.mark.parametrize("told", ["soon", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "٣", ""])
def test_a_pause_that_can_not_be_read_is_the_usual_one(told: str) -> None:
    wire = Wire(httpx.Response(503, headers={b"Retry-After": told.encode()}), record_answer(QUEUED))
    wire.client().status(JOB_ID)
    assert wire.slept == [PAUSES_S[0]]


def test_the_longest_pause_is_waited() -> None:
    wire = Wire(busy(Retry_After=f"{LONGEST_PAUSE_S:g}"), record_answer(QUEUED))
    wire.client().status(JOB_ID)
    assert wire.slept == [LONGEST_PAUSE_S]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (httpx.Response(403, text="<html>Forbidden</html>"), "answered 403 Forbidden."),
        (httpx.Response(599, text="?"), "answered 599."),
        (httpx.Response(404, json=["no", "object"]), "answered 404 Not Found."),
        (httpx.Response(302, headers={"Location": "/login"}), "answered 302 Found, and leads to /login."),
        (httpx.Response(200, text="hello"), "answered 200 with something that is no JSON."),
        (httpx.Response(200, json={"hello": 1}), "answered 200 with something that is no job."),
        (httpx.Response(200, json=["hello"]), "answered 200 with something that is no job."),
        (httpx.Response(200, json={"job_id": "a", "status": "queued", "pages": [1]}), "something that is no job."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_answer_of_somebody_else_is_told_as_it_is(answer: httpx.Response, told: str) -> None:
    with pytest.raises(UnexpectedAnswer) as caught:
        Wire(answer).client().status(JOB_ID)
    assert caught.value.detail.startswith(URL)
    assert told in caught.value.detail
    assert caught.value.code == "unexpected_answer"


def test_a_code_of_a_later_version_is_a_plain_refusal() -> None:
    with pytest.raises(RequestRefused) as caught:
        Wire(problem(418, "is_a_teapot")).client().status(JOB_ID)
    assert type(caught.value) is RequestRefused
    assert isinstance(caught.value, GnosisError)
