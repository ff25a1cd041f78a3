"""One request, to an answer that stands: tried again where none came, or where the server asks for patience.

All that changes something is safe to repeat: a submission by its Idempotency-Key, orders because a repeated one that
had been carried out already is told apart (``settled``).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Any

from gnosis_ocr.errors import REFUSALS, RequestRefused, ServerSilent, ServerUnreachable, UnexpectedAnswer
from gnosis_ocr.steps import Answer, Pause, Plan, Request, ask, look, opened

PAUSES_S = (1.0, 2.0, 4.0)
"""Before each further attempt, where the server does not say how long (Retry-After)."""

FOLLOW_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)
"""The same while a job is followed or an upload goes on: a server that starts again takes longer than a lost
connection."""

LONGEST_PAUSE_S = 60.0
"""A server that asks for more patience than this is not waited for: its answer is passed on."""

AGAIN = frozenset({429, 502, 503, 504})
NOT_MODIFIED = 304


class DeadlinePassed(Exception):
    """Never raised out of the package: there is no time left for another attempt."""


def exchange(
    request: Request,
    *,
    pauses: Sequence[float] = PAUSES_S,
    settled: Collection[str] = (),
    stream: bool = False,
    deadline: float | None = None,
) -> Plan[Answer]:
    """The answer: 2xx, or 304. RequestRefused, ServerUnreachable, DeadlinePassed.

    settled: codes of refusals which mean, where it is unknown what became of an earlier attempt, that that one was
    carried out; such a refusal is returned. stream: the answer's content is read afterwards, piece by piece; a server
    that keeps silent is not asked for it again.
    deadline: on the clock of ``Look``.
    """
    doubtful = False
    for pause in (*pauses, None):
        try:
            answer = yield from (opened(request) if stream else ask(request))
            longer = asked_pause(answer, pause)
            doubtful = doubtful or (longer is not None and answer.status != 429)
        except ServerUnreachable as error:
            if pause is None or (stream and isinstance(error, ServerSilent)):
                raise
            doubtful, longer = True, pause
        if longer is None:
            break
        if deadline is not None and (yield from look()) + longer > deadline:
            raise DeadlinePassed
        yield Pause(longer)
    if 200 <= answer.status < 300 or answer.status == NOT_MODIFIED:
        return answer
    refused = refusal(answer)
    if doubtful and refused.code in settled:
        return answer
    raise refused


def asked_pause(answer: Answer, pause: float | None) -> float | None:
    """Seconds until the next attempt; None where the answer stands. pause: where the server does not say, None where
    there is to be no further attempt."""
    if answer.status not in AGAIN or pause is None:
        return None
    told = _retry_after(answer)
    seconds = pause if told is None else told
    return seconds if seconds <= LONGEST_PAUSE_S else None


def refusal(answer: Answer) -> RequestRefused:
    """From problem+json, or from whatever a proxy on the way has answered instead."""
    told = _retry_after(answer)
    try:
        fields = json.loads(answer.content)
        code, detail = str(fields["code"]), str(fields["detail"])
    except (ValueError, KeyError, TypeError):
        return unexpected(answer, f"answered {answer.status} {_phrase(answer.status)}".rstrip())
    request_id = fields.get("request_id")
    return REFUSALS.get(code, RequestRefused)(
        detail,
        status=answer.status,
        code=code,
        retry_after=told,
        request_id=request_id if isinstance(request_id, str) else None,
    )


def unexpected(answer: Answer, what: str) -> UnexpectedAnswer:
    """what: is wrong with it, a sentence that begins with the address."""
    where = f", and leads to {answer.headers['location'][:200]}" if "location" in answer.headers else ""
    detail = f"{answer.url} {what}{where}."
    return UnexpectedAnswer(
        detail, status=answer.status, code="unexpected_answer", retry_after=_retry_after(answer), request_id=None
    )


def content_of(answer: Answer) -> Any:
    """Its JSON. UnexpectedAnswer."""
    try:
        return json.loads(answer.content)
    except ValueError:
        raise unexpected(answer, f"answered {answer.status} with something that is no JSON") from None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
