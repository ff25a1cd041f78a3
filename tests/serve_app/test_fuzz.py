"""Requests as nobody should send them are answered, each with what it deserves, and nothing breaks."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus

from hypothesis import HealthCheck, given, settings

from benchmarks.fuzz_inputs import RawRequest, requests
from serve_app.openapi.problems import request_codes
from tests.serve_app.asgi_sender import RawAnswer, send_raw
from tests.serve_app.builders import Server
from tests.serve_app.obedient_host import obedient_server
from tests.serve_app.standing_jobs import put_standing_jobs

INPUTS = 200


def fuzz(web: Server, inputs: int) -> None:
    """Fails with the smallest input that is answered with 5xx, with no problem where it is one, or not at all."""
    codes = set(request_codes())
    with asyncio.Runner() as runner:
        jobs = runner.run(put_standing_jobs(web))

        @given(requests(jobs))
        @settings(max_examples=inputs, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def check(request: RawRequest) -> None:
            judge(request, runner.run(send_raw(web.app, request)), codes)

        check()


def judge(request: RawRequest, answer: RawAnswer, codes: set[str]) -> None:
    if answer.status is None:
        assert not request.whole, "a client that stays is answered"
        return
    assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    assert "\n" not in "".join(answer.headers.values())
    if answer.status >= HTTPStatus.BAD_REQUEST:
        assert answer.headers["content-type"] == "application/problem+json"
        problem = json.loads(answer.body) if request.method != "HEAD" or answer.body else None
        assert problem is None or (
            problem["code"] in codes and problem["detail"] and problem["status"] == answer.status
        )
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        assert answer.headers["allow"]


def test_nothing_breaks() -> None:
    fuzz(obedient_server(max_direct_upload_mb=1), INPUTS)
