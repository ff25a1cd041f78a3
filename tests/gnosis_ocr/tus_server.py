"""A server of resumable uploads and submissions in memory, with faults on order."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.gnosis_ocr.canned_wire import problem, record_answer
from tests.serve_app.canned_server import QUEUED

MB = 1 << 20


@dataclass
class TusServer:
    """faults: what becomes of the next chunks. ``("cut", n)``: the connection breaks when n bytes are stored, or, with
    more than the chunk has, before the answer. ``("busy", s)``: refused with Retry-After. ``("lost", 0)``: nothing is
    stored. ``("moved", n)``: the upload is n bytes further than the client knows. None: nothing is wrong.

    largest: the limit of one request.
    """

    faults: list[tuple[str, int] | None] = field(default_factory=list)
    largest: int = 100 * MB
    limits: bool = True
    refusal: httpx.Response | None = None
    stored: bytearray = field(default_factory=bytearray)
    name: str = ""
    length: int = 0
    chunks: list[tuple[int, int]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    forms: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    removed: bool = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/base")
        if path == "/api/info":
            limits = {"upload_bytes": 500 * MB, "direct_upload_bytes": self.largest}
            told = {"version": "1", "limits": limits}
            return httpx.Response(200, json=told) if self.limits else problem(404, "not_found")
        if path == "/api/jobs":
            return self._submitted(request)
        assert request.headers["Tus-Resumable"] == "1.0.0"
        if request.method == "POST":
            self.length = int(request.headers["Upload-Length"])
            key, _, value = request.headers["Upload-Metadata"].partition(" ")
            assert key == "filename"
            self.name = base64.b64decode(value).decode()
            return httpx.Response(201, headers={"Location": "/api/uploads/u-1"})
        assert path == "/api/uploads/u-1"
        if request.method == "DELETE":
            self.removed = True
            return httpx.Response(204)
        if request.method == "HEAD":
            return self._offset(200)
        return self._chunk(request)

    def _submitted(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers["Idempotency-Key"])
        if request.headers["Content-Type"] == "application/json":
            self.submissions.append(json.loads(request.content))
            return self.refusal or record_answer(QUEUED, 202)
        self.forms.append(request.content)
        if len(request.content) > self.largest:
            return problem(413, "file_too_large", "Send it to /api/uploads.")
        return self.refusal or record_answer(QUEUED, 202)

    def _chunk(self, request: httpx.Request) -> httpx.Response:
        offset, content = int(request.headers["Upload-Offset"]), request.content
        assert request.headers["Content-Type"] == "application/offset+octet-stream"
        assert int(request.headers["Content-Length"]) == len(content)
        kind, number = (self.faults.pop(0) if self.faults else None) or ("", 0)
        if kind == "moved":
            self.stored += bytes(number)
        if offset != len(self.stored):
            return problem(409, "upload_offset_mismatch", f"It stands at {len(self.stored)}.")
        if kind == "lost":
            raise httpx.ConnectError("connection refused")
        if kind == "busy":
            return problem(503, "overloaded", Retry_After=str(number))
        self.chunks.append((offset, len(content)))
        self.stored += content[:number] if kind == "cut" else content
        if kind == "cut":
            raise httpx.WriteError("broken pipe")
        return self._offset(204)

    def _offset(self, status: int) -> httpx.Response:
        return httpx.Response(status, headers={"Upload-Offset": str(len(self.stored))})


def progress_of(told: list[tuple[int, int]]) -> Iterator[int]:
    """The bytes sent, each number once."""
    last = -1
    for sent, _ in told:
        if sent != last:
            yield sent
        last = sent
