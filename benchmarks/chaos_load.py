"""A mixed load that survives whatever is killed under it: what was accepted is remembered, what was not is sent again.

A client that got no answer, or a 5xx, cannot know whether its job was accepted: it sends the same request with the same
Idempotency-Key until it is told. So every job that a client believes in has an id, and no job is submitted twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import httpx

from benchmarks.running_cluster import TERMINAL

PATIENCE_S = 180.0
PAUSE_S = 0.2
ANSWER_S = 40.0


@dataclass(frozen=True, slots=True)
class Document:
    name: str
    data: bytes
    pages: int


@dataclass
class Load:
    """url: of the API, for each request anew. documents: one client for each, which sends it again and again.

    accepted: pages by job id. seen: pages read of each of a client's jobs, as it saw last, by client. failures: what a
    client could not get done, and jobs that it was told are gone.
    """

    url: Callable[[], str]
    documents: Sequence[Document]
    accepted: dict[str, int] = field(default_factory=dict)
    seen: list[dict[str, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _clients: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for document in self.documents:
            self.seen.append({})
            client = threading.Thread(target=self._run, args=(document, self.seen[-1]), daemon=True)
            client.start()
            self._clients.append(client)

    @property
    def pages_seen(self) -> list[int]:
        """By client."""
        return [sum(list(seen.values())) for seen in self.seen]

    def stop(self) -> None:
        """No further job is submitted; returns once every client has seen the end of its last one."""
        self._stop.set()
        for client in self._clients:
            client.join()

    def _run(self, document: Document, seen: dict[str, int]) -> None:
        with httpx.Client(timeout=ANSWER_S, trust_env=False) as http:
            while not self._stop.is_set():
                job_id = self._submitted(http, document)
                if job_id is None:
                    self.failures.append(f"{document.name}: not accepted")
                    return
                self.accepted[job_id] = document.pages
                if not self._ended(http, job_id, seen):
                    self.failures.append(f"job {job_id}: no end seen")

    def _submitted(self, http: httpx.Client, document: Document) -> str | None:
        headers = {"Idempotency-Key": str(uuid4())}
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                answer = http.post(
                    f"{self.url()}/api/jobs",
                    params={"filename": document.name, "mode": "ocr"},
                    content=document.data,
                    headers=headers,
                )
                if answer.status_code in (200, 202):
                    return str(answer.json()["job_id"])
                if answer.status_code < 500 and answer.status_code != 429:
                    self.failures.append(f"{document.name}: refused with {answer.status_code} {answer.text}")
                    return None
            except httpx.TransportError:
                pass
            time.sleep(PAUSE_S)
        return None

    def _ended(self, http: httpx.Client, job_id: str, seen: dict[str, int]) -> bool:
        etag, end = "", time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            try:
                headers = {"If-None-Match": etag} if etag else {}
                wait = {"wait": "5"} if etag else {}
                answer = http.get(f"{self.url()}/api/jobs/{job_id}/status", params=wait, headers=headers)
                if answer.status_code == 200:
                    record = answer.json()
                    seen[job_id] = int(record["pages_completed"])
                    if record["status"] in TERMINAL:
                        return True
                    etag = answer.headers["etag"]
                    continue
                if answer.status_code == 304:
                    continue
                if answer.status_code == 404:
                    self.failures.append(f"job {job_id} was accepted and is gone: {answer.text}")
                    return False
            except httpx.TransportError:
                pass
            time.sleep(PAUSE_S)
        return False
