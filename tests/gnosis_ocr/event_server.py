"""A job's events as the server tells them, over connections that are cut where a test wants it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.gnosis_ocr.canned_wire import LOST, Pieces

EVENT_STREAM = {"Content-Type": "text/event-stream; charset=utf-8"}
TEXTS = {1: "Größe\nund “Maß”", 2: "", 3: "第三頁 \u2028", 4: "data: no\n\nevent: done"}


def event(name: str, last_id: str, told: dict[str, Any]) -> bytes:
    return f"event: {name}\nid: {last_id}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n".encode()


@dataclass
class EventServer:
    """A job that has been read. cuts: after how many bytes each next stream breaks; then they are whole.

    ids_refused: the status with which a Last-Event-ID is refused. piece: bytes that arrive at once. run: of the job.
    """

    cuts: list[int] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=lambda: dict(TEXTS))
    failed: Sequence[int] = ()
    ids_refused: int | None = None
    piece: int = 1 << 20
    run: int = 1
    asked: list[str] = field(default_factory=list)
    opened: list[Pieces] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path.removeprefix("/base/api/jobs/j"))
        if request.url.path.endswith("/status"):
            return httpx.Response(200, json=self.record, headers={"ETag": '"1-1"'})
        if "/pages/" in request.url.path:
            page = int(request.url.path.rpartition("/")[2])
            return httpx.Response(200, json={"page": page, "status": "completed", "text": self.texts[page]})
        last_id = request.headers.get("Last-Event-ID", "")
        if last_id and self.ids_refused:
            return httpx.Response(self.ids_refused, text="Request header or cookie too large")
        return self.stream(b"".join(self.events(last_id)))

    @property
    def record(self) -> dict[str, Any]:
        pages = {number: self.page(number) for number in self.texts}
        return {"job_id": "j", "status": "partial" if self.failed else "completed", "run": self.run, "pages": pages}

    def page(self, number: int) -> dict[str, Any]:
        if number in self.failed:
            return {"status": "failed", "error": {"code": "engine_failed", "message": "No."}}
        return {"status": "completed"}

    def events(self, last_id: str) -> Iterator[bytes]:
        """The real ids say so in spans; here every page stands for itself, which is one of the ways to say it."""
        delivered = {int(page) for page in last_id.partition(":")[2].split(",") if page}
        yield event("status", self.id_of(delivered), {**self.record, "pages": None})
        for number, text in self.texts.items():
            if number not in delivered:
                delivered.add(number)
                page = self.page(number)
                told = {"page": number, **page, "text": None if number in self.failed else text}
                yield event("page", self.id_of(delivered), told)
        yield event("done", self.id_of(delivered), {"job_id": "j", "run": self.run})

    def id_of(self, delivered: set[int]) -> str:
        return f"{self.run}:{','.join(map(str, sorted(delivered)))}"

    def stream(self, whole: bytes) -> httpx.Response:
        cut = self.cuts.pop(0) if self.cuts else None
        sent = whole if cut is None else whole[:cut]
        pieces = [sent[at : at + self.piece] for at in range(0, len(sent), self.piece)]
        body = Pieces(*pieces, fault=None if cut is None else LOST)
        self.opened.append(body)
        return httpx.Response(200, headers=EVENT_STREAM, stream=body)
