"""The client's side of the HTTP contract.

Every request is tried again where no answer came or the server asked for patience: the ones that change something are
safe to repeat, a submission by its Idempotency-Key, a cancellation by its nature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from cluster.clock import Clock, SystemClock
from cluster.errors import JobNotFound, RequestRefused, ServerUnreachable
from cluster.loopback import is_loopback
from cluster.record import JobRecord, Tombstone, decode
from serve_app.multipart_upload import MultipartUpload

PAUSES_S = (1.0, 2.0, 4.0)
"""Before each further attempt, where the server does not say how long (Retry-After)."""

POLL_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""The same while a job is followed: a server that starts again takes longer than a lost connection."""

LONGEST_PAUSE_S = 60.0
"""A server that asks for more patience than this is not waited for: its answer is passed on."""

WAIT_S = 20
"""How long one request for the next version of a record is held by the server."""

AGAIN = frozenset({429, 502, 503, 504})
_TIMEOUT = httpx.Timeout(90.0, connect=5.0, pool=5.0)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A version of a record: the bytes of processing.json as answered, and what they say."""

    data: bytes
    etag: str
    record: JobRecord


class ApiClient:
    """An async context manager. ServerUnreachable and RequestRefused come from every request.

    key: the API key, none where the server is open; RequestRefused where it could not even be sent.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        key: str | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._clock = clock or SystemClock()
        # A proxy of the environment is never the way to this machine itself.
        self._http = httpx.AsyncClient(
            base_url=self.url,
            timeout=_TIMEOUT,
            transport=transport,
            headers=_credentials(key or ""),
            trust_env=not is_loopback(urlsplit(url).hostname or ""),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def alive(self) -> bool:
        """Whether a server answers at all."""
        try:
            answer = await self._http.get("/healthz", timeout=2.0)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    async def submit(self, upload: MultipartUpload, key: str) -> Snapshot:
        """key: one for each document that is meant once, however often it is sent."""
        headers = {**upload.headers, "Idempotency-Key": key}
        return _snapshot(await self._send("POST", "/api/jobs", headers=headers, body=upload.body))

    async def status(self, job_id: str) -> Snapshot:
        return _snapshot(await self._send("GET", _job_path(job_id, "status")))

    async def changed(self, known: Snapshot) -> Snapshot:
        """The record once it differs from ``known``, however long that takes."""
        path = _job_path(known.record.job_id, f"status?wait={WAIT_S}")
        while True:
            asked = self._clock.monotonic()
            answer = await self._send("GET", path, headers={"If-None-Match": known.etag}, pauses=POLL_PAUSES_S)
            if answer.status_code != 304:
                return _snapshot(answer)
            if self._clock.monotonic() - asked < 1:  # this server does not hold requests
                await self._clock.sleep(1)

    async def result(self, job_id: str, output: str) -> bytes:
        """output: a format of the HTTP contract."""
        return (await self._send("GET", _job_path(job_id, f"result?format={output}"))).content

    async def cancel(self, job_id: str) -> None:
        """Returns once the cancellation is stored."""
        await self._send("POST", _job_path(job_id, "cancel"))

    async def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Callable[[], Any] | None = None,
        pauses: tuple[float, ...] = PAUSES_S,
    ) -> httpx.Response:
        """body: called for each attempt."""
        for pause in (*pauses, None):
            try:
                answer = await self._http.request(method, path, headers=headers, content=body and body())
            except httpx.TransportError as error:
                if pause is None:
                    raise ServerUnreachable(f"{self.url} does not answer: {_reason(error)}.") from error
                await self._clock.sleep(pause)
                continue
            asked_pause = _retry_after(answer, pause)
            if asked_pause is None:
                break
            await self._clock.sleep(asked_pause)
        if answer.status_code >= 400:
            raise _refusal(answer)
        return answer


def _credentials(key: str) -> dict[str, str]:
    if not (key.isascii() and key.isprintable()):
        raise RequestRefused("GNOSIS_API_KEY is no API key.", status=401, problem="unauthorized")
    return {"Authorization": f"Bearer {key}"} if key else {}


def _retry_after(answer: httpx.Response, pause: float | None) -> float | None:
    """Seconds until the next attempt; None where the answer stands."""
    if answer.status_code not in AGAIN or pause is None:
        return None
    text = answer.headers.get("Retry-After", "")
    seconds = float(text) if text.isascii() and text.isdigit() else pause
    return seconds if seconds <= LONGEST_PAUSE_S else None


def _snapshot(answer: httpx.Response) -> Snapshot:
    record = decode(answer.content)
    if isinstance(record, Tombstone):
        raise JobNotFound
    return Snapshot(answer.content, answer.headers.get("ETag", record.etag), record)


def _refusal(answer: httpx.Response) -> RequestRefused:
    """From problem+json, or from whatever a proxy on the way has answered instead."""
    try:
        fields = answer.json()
        return RequestRefused(str(fields["detail"]), status=answer.status_code, problem=str(fields["code"]))
    except (ValueError, KeyError, TypeError):
        detail = f"{answer.request.url} answered {answer.status_code} {answer.reason_phrase}."
        return RequestRefused(detail, status=answer.status_code, problem="unexpected_answer")


def _job_path(job_id: str, rest: str) -> str:
    return f"/api/jobs/{quote(job_id, safe='')}/{rest}"


def _reason(error: httpx.TransportError) -> str:
    return str(error).rstrip(".") or type(error).__name__
