from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

import cluster.record
from cluster.record import encode
from gnosis_ocr import (
    JobFinished,
    JobNotFinished,
    JobNotFound,
    JobStatus,
    NothingToRetry,
    RequestRefused,
    ServerUnreachable,
    UnexpectedAnswer,
    WaitTimeout,
)
from gnosis_ocr.exchange import FOLLOW_PAUSES_S
from gnosis_ocr.jobs import HOLD_S
from tests.gnosis_ocr.canned_wire import LOST, Caller, Wire, problem, record_answer
from tests.serve_app.canned_server import COMPLETED, EXTRACTING, JOB_ID, PROCESSING, QUEUED

SAME = httpx.Response(304)


def test_status(caller: Caller) -> None:
    wire = Wire(record_answer(PROCESSING))
    job = caller.call(wire, "status", JOB_ID)
    assert (job.status, job.percent, job.etag) == (JobStatus.PROCESSING, 65, PROCESSING.etag)
    assert caller.call(wire, "job", JOB_ID) == caller.call(wire, "status", job) == job
    assert wire.lines == [f"GET /api/jobs/{JOB_ID}/status"] * 3


def test_ids_stay_in_their_place() -> None:
    wire = Wire(httpx.Response(200, content=b"text"))
    client = wire.client()
    client.result("a/b", "t&t")
    client.text("a?b", 2)
    assert wire.lines == ["GET /api/jobs/a%2Fb/result?format=t%26t", "GET /api/jobs/a%3Fb/pages/2/text"]


def test_wait_follows_to_the_end(caller: Caller) -> None:
    wire = Wire(record_answer(QUEUED), SAME, record_answer(PROCESSING), LOST, record_answer(COMPLETED), holds_s=5)
    assert caller.call(wire, "wait", JOB_ID).status == "completed"
    assert wire.lines == [f"GET /api/jobs/{JOB_ID}/status", *[f"GET /api/jobs/{JOB_ID}/status?wait=20"] * 4]
    named = [request.headers.get("If-None-Match") for request in wire.requests]
    assert named == [None, QUEUED.etag, QUEUED.etag, PROCESSING.etag, PROCESSING.etag]
    assert wire.slept == [FOLLOW_PAUSES_S[0]]


def test_follow_gives_every_version(caller: Caller) -> None:
    wire = Wire(record_answer(QUEUED), record_answer(EXTRACTING), record_answer(PROCESSING), record_answer(COMPLETED))
    assert [job.percent for job in caller.items(wire, "follow", JOB_ID)] == [0, 25, 65, 100]
    assert [job.percent for job in caller.items(Wire(record_answer(COMPLETED)), "follow", JOB_ID)] == [100]


def test_a_server_that_does_not_hold_requests_is_not_flooded(caller: Caller) -> None:
    wire = Wire(record_answer(QUEUED), *[SAME] * 3, record_answer(COMPLETED))
    caller.call(wire, "wait", JOB_ID)
    assert wire.slept == [1, 1, 1]


def test_nor_is_one_behind_a_proxy_that_drops_what_requests_are_held_by(caller: Caller) -> None:
    wire = Wire(*[record_answer(QUEUED)] * 4, record_answer(COMPLETED))
    assert [job.percent for job in caller.items(wire, "follow", JOB_ID)] == [0, 100]
    assert wire.slept == [1, 1, 1]


def test_the_wait_ends_with_its_time(caller: Caller) -> None:
    wire = Wire(record_answer(PROCESSING), SAME, holds_s=15)
    begun = wire.now
    with pytest.raises(WaitTimeout, match="has not ended yet: processing, 65 %") as caught:
        caller.call(wire, "wait", JOB_ID, timeout=35)
    assert caught.value.job.job_id == JOB_ID
    assert wire.now - begun == 45, "as long as the answers took"
    assert wire.lines[1:] == [f"GET /api/jobs/{JOB_ID}/status?wait={hold}" for hold in ("20", "5")]


def test_no_time_to_wait_is_a_look(caller: Caller) -> None:
    wire = Wire(record_answer(PROCESSING))
    with pytest.raises(WaitTimeout):
        caller.call(wire, "wait", JOB_ID, timeout=0)
    assert len(wire.requests) == 1
    assert caller.call(Wire(record_answer(COMPLETED)), "wait", JOB_ID, timeout=0).terminal


def test_pauses_do_not_outlast_the_wait(caller: Caller) -> None:
    wire = Wire(record_answer(PROCESSING), LOST)
    with pytest.raises(WaitTimeout):
        caller.call(wire, "wait", JOB_ID, timeout=5)
    assert wire.slept == [1, 2]


def test_a_held_request_is_given_more_time_than_it_is_held(caller: Caller) -> None:
    silences: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        silences.append(request.extensions["timeout"]["read"])
        return record_answer(COMPLETED if len(silences) > 1 else QUEUED)

    caller.call(Wire(answer), "wait", JOB_ID)
    caller.call(Wire(record_answer(QUEUED), lambda request: answer(request)), "wait", JOB_ID, timeout=3)
    assert silences[0] == 90
    assert silences[1] > HOLD_S
    assert 3 < silences[2] < 10


def test_a_server_that_stays_away_is_given_up(caller: Caller) -> None:
    wire = Wire(record_answer(QUEUED), LOST)
    with pytest.raises(ServerUnreachable):
        caller.call(wire, "wait", JOB_ID)
    assert wire.slept == list(FOLLOW_PAUSES_S)


def listing(*job_ids: str, token: str | None = None) -> httpx.Response:
    jobs = [{"job_id": job_id, "status": "queued"} for job_id in job_ids]
    return httpx.Response(200, json={"jobs": jobs, "next_page_token": token})


def test_a_listing_is_asked_for_as_it_is_taken(caller: Caller) -> None:
    wire = Wire(listing("a", "b", token="t/1"), listing(token="t2"), listing("c"))
    assert [job.job_id for job in caller.items(wire, "jobs", "failed", "s&1")] == ["a", "b", "c"]
    query = "/api/jobs?status=failed&session_id=s%261&limit=100"
    assert wire.lines == [f"GET {query}", f"GET {query}&page_token=t%2F1", f"GET {query}&page_token=t2"]
    wire = Wire(listing("a", "b", token="t"))
    assert len(caller.items(wire, "jobs", most=2)) == 2
    assert wire.lines == ["GET /api/jobs?limit=100"]


@pytest.mark.parametrize("told", [[], {}, {"jobs": [{}]}, {"jobs": 3}])
def test_what_is_no_listing(told: object) -> None:
    with pytest.raises(UnexpectedAnswer, match="lists no jobs"):
        list(Wire(httpx.Response(200, json=told)).client().jobs())


CANCELLED = replace(PROCESSING, status=cluster.record.JobStatus.CANCELLED, revision=9)


def test_orders(caller: Caller) -> None:
    wire = Wire(httpx.Response(202, content=encode(CANCELLED)))
    assert caller.call(wire, "cancel", JOB_ID).status is JobStatus.CANCELLED
    assert caller.call(wire, "retry", JOB_ID).job_id == JOB_ID
    assert caller.call(wire, "retry", JOB_ID, password="sésame").job_id == JOB_ID
    assert caller.call(Wire(httpx.Response(204)), "delete", JOB_ID) is None
    assert wire.lines == [f"POST /api/jobs/{JOB_ID}/{order}" for order in ("cancel", "retry", "retry")]
    assert wire.bodies == [b"", b"", b'{"password": "s\\u00e9same"}']
    assert wire.requests[2].headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "code", "status", "error"),
    [
        ("cancel", "job_finished", 409, JobFinished),
        ("retry", "job_not_finished", 409, JobNotFinished),
        ("retry", "nothing_to_retry", 409, NothingToRetry),
        ("delete", "job_not_found", 404, JobNotFound),
    ],
)
def test_an_order_that_was_carried_out_although_its_answer_was_lost(
    caller: Caller, method: str, code: str, status: int, error: type[RequestRefused]
) -> None:
    refused = problem(status, code)
    with pytest.raises(error):
        caller.call(Wire(refused), method, JOB_ID)
    for lost in (LOST, problem(503, "overloaded"), httpx.Response(502)):
        done = caller.call(Wire(lost, refused, record_answer(CANCELLED)), method, JOB_ID)
        assert done is None if method == "delete" else done.job_id == JOB_ID
    with pytest.raises(error):
        caller.call(Wire(problem(429, "rate_limited"), refused), method, JOB_ID)


def test_a_server_that_lives_and_one_that_does_not(caller: Caller) -> None:
    wire = Wire(httpx.Response(200))
    assert caller.call(wire, "alive") is True
    assert wire.lines == ["GET /healthz"]
    for answer in (httpx.Response(404), httpx.ConnectError("no")):
        wire = Wire(answer)
        assert caller.call(wire, "alive") is False
        assert len(wire.requests) == 1


def test_figures(caller: Caller) -> None:
    wire = Wire(httpx.Response(200, json={"queue": {"pages": 3}}))
    assert caller.call(wire, "metrics") == {"queue": {"pages": 3}}
    assert wire.lines == ["GET /api/metrics/summary"]
    with pytest.raises(UnexpectedAnswer):
        Wire(httpx.Response(200, json=[])).client().metrics()
    with pytest.raises(UnexpectedAnswer):
        Wire(httpx.Response(200, json={"version": "1"})).client().info()
