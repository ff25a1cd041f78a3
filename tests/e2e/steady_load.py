"""Clients that go on submitting and asking, whatever is changed under them, and remember every answer that was none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PAUSE_S = 1.0


class SteadyLoad:
    """url: of the API. document: submitted over and over. jobs: those accepted. asked: requests so far. failures: what
    was no answer, or not the one that belongs."""

    def __init__(self, url: str, document: Path) -> None:
        self.jobs: list[str] = []
        self.asked = 0
        self.failures: list[str] = []
        self._url = url
        self._document = document
        self._over = threading.Event()

    @contextmanager
    def coming(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=90) as http:
            while not self._over.wait(PAUSE_S):
                try:
                    self._round(http)
                except httpx.TransportError as error:
                    self.failures.append(repr(error))

    def _round(self, http: httpx.Client) -> None:
        with self._document.open("rb") as file:
            accepted = http.post("/api/jobs", files={"file": ("letter.tiff", file)}, data={"mode": "ocr"})
        self._expect(accepted, 202)
        if accepted.status_code == 202:
            self.jobs.append(accepted.json()["job_id"])
        for job in self.jobs[-2:]:
            self._expect(http.get(f"/api/jobs/{job}/status"), 200)

    def _expect(self, answer: httpx.Response, status: int) -> None:
        self.asked += 1
        if answer.status_code != status:
            self.failures.append(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
