"""Jobs as the server knows them: status, listing, waiting; and the orders cancel, retry and delete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from gnosis_ocr.errors import ServerUnreachable, WaitTimeout
from gnosis_ocr.exchange import (
    FOLLOW_PAUSES_S,
    NOT_MODIFIED,
    DeadlinePassed,
    content_of,
    exchange,
    unexpected,
)
from gnosis_ocr.records import Job, ServerInfo
from gnosis_ocr.steps import Answer, Pause, Plan, Request, Tell, ask, look

JobRef = Job | str
"""A job, or its id."""

HOLD_S = 20.0
"""How long one request for the next version of a record is held by the server."""

SILENCE_S = 30.0
"""How much longer than that its answer may take."""

LISTED = 100
"""Jobs of one page of a listing."""


def path_of(job: JobRef, rest: str = "") -> str:
    job_id = job.job_id if isinstance(job, Job) else job
    return f"/api/jobs/{quote(job_id, safe='')}{rest}"


def job_of(answer: Answer) -> Job:
    """UnexpectedAnswer."""
    try:
        return Job.read(content_of(answer), answer.headers.get("etag"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise unexpected(answer, f"answered {answer.status} with something that is no job") from None


def alive() -> Plan[bool]:
    """Whether a server answers at all, asked once."""
    try:
        answer = yield from ask(Request("GET", "/healthz", idle_s=2.0))
    except ServerUnreachable:
        return False
    return answer.status == HTTPStatus.OK


def server_info() -> Plan[ServerInfo]:
    answer = yield from exchange(Request("GET", "/api/info"))
    try:
        return ServerInfo.read(content_of(answer))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise unexpected(answer, f"answered {answer.status} with something that tells of no server") from None


def metrics() -> Plan[Mapping[str, Any]]:
    answer = yield from exchange(Request("GET", "/api/metrics/summary"))
    told = content_of(answer)
    if not isinstance(told, dict):
        raise unexpected(answer, f"answered {answer.status} with something that has no figures")
    return told


def status(job: JobRef) -> Plan[Job]:
    return job_of((yield from exchange(Request("GET", path_of(job, "/status")))))


def listed(wanted: str | None, session_id: str | None) -> Plan[None]:
    """Tells jobs, newest first. wanted: a status."""
    given = {"status": wanted, "session_id": session_id, "limit": str(LISTED)}
    query = {name: value for name, value in given.items() if value is not None}
    while True:
        answer = yield from exchange(Request("GET", f"/api/jobs?{urlencode(query)}"))
        told = content_of(answer)
        try:
            page = [Job.read(each) for each in told["jobs"]]
            token = told.get("next_page_token")
        except (KeyError, TypeError, ValueError, AttributeError):
            raise unexpected(answer, f"answered {answer.status} with something that lists no jobs") from None
        for each in page:
            yield Tell(each)
        if not token:
            return
        query["page_token"] = token


def followed(job: JobRef) -> Plan[None]:
    """Tells the job as it is, and each version that differs from the one before, up to the terminal one."""
    known = yield from status(job)
    yield Tell(known)
    while not known.terminal:
        known = yield from changed(known)
        yield Tell(known)


def waited(job: JobRef, timeout_s: float | None) -> Plan[Job]:
    """The job once it has ended. WaitTimeout."""
    deadline = None if timeout_s is None else (yield from look()) + timeout_s
    known = yield from status(job)
    while not known.terminal:
        try:
            known = yield from changed(known, deadline)
        except DeadlinePassed:
            raise WaitTimeout(known) from None
    return known


def changed(known: Job, deadline: float | None = None) -> Plan[Job]:
    """The job once it differs from ``known``. deadline: on the clock of ``Look``. DeadlinePassed."""
    while True:
        asked = yield from look()
        left = HOLD_S + 1 if deadline is None else deadline - asked
        if left <= 0:
            raise DeadlinePassed
        hold_s = min(HOLD_S, left)
        silence_s = min(SILENCE_S, max(left - hold_s, 5.0)) if deadline is not None else SILENCE_S
        request = Request(
            "GET",
            path_of(known, f"/status?wait={round(hold_s, 3):g}"),
            {"If-None-Match": known.etag},
            idle_s=hold_s + silence_s,
        )
        answer = yield from exchange(request, pauses=FOLLOW_PAUSES_S, deadline=deadline)
        if answer.status != NOT_MODIFIED and (told := job_of(answer)).raw != known.raw:
            return told
        # The same again: the server does not hold requests, or a proxy on the way drops what they are held by.
        if (yield from look()) - asked < min(1.0, hold_s):
            yield Pause(min(1.0, hold_s))


def cancelled(job: JobRef) -> Plan[Job]:
    """The job once its cancellation is stored. JobFinished where it has ended."""
    return (yield from _ordered(job, Request("POST", path_of(job, "/cancel")), "job_finished"))


def retried(job: JobRef, password: str | None) -> Plan[Job]:
    """The job in its next run. JobNotFinished, NothingToRetry."""
    headers = {} if password is None else {"Content-Type": "application/json"}
    body = b"" if password is None else json.dumps({"password": password}).encode()
    request = Request("POST", path_of(job, "/retry"), headers, body)
    return (yield from _ordered(job, request, "job_not_finished", "nothing_to_retry"))


def deleted(job: JobRef) -> Plan[None]:
    """Returns once the deletion is durable."""
    yield from exchange(Request("DELETE", path_of(job)), settled=("job_not_found",))


def _ordered(job: JobRef, request: Request, *settled: str) -> Plan[Job]:
    answer = yield from exchange(request, settled=settled)
    return job_of(answer) if answer.status < 300 else (yield from status(job))
