"""A large document on its way: a resumable upload by the tus protocol, gone on with at the server's own offset."""

from __future__ import annotations

import base64

from gnosis_ocr.bodies import ChunkBody, OnProgress
from gnosis_ocr.errors import ServerUnreachable
from gnosis_ocr.exchange import FOLLOW_PAUSES_S, asked_pause, exchange, refusal, unexpected
from gnosis_ocr.sources import Source
from gnosis_ocr.steps import Answer, Pause, Plan, Request, ask

CHUNK_BYTES = 8 << 20
_VERSION = {"Tus-Resumable": "1.0.0"}


def uploaded(source: Source, on_progress: OnProgress | None) -> Plan[str]:
    """The id of a finished upload. RequestRefused, ServerUnreachable, SourceUnreadable.

    The server is given up when it has taken nothing more over all the pauses.
    """
    path = yield from _created(source)
    offset, failures = 0, 0
    while offset < source.size:
        pause = FOLLOW_PAUSES_S[failures] if failures < len(FOLLOW_PAUSES_S) else None
        try:
            answer = yield from ask(_chunk(path, source, offset, on_progress))
            taken = _told_offset(answer, source) if answer.status == 204 else None
            longer = asked_pause(answer, pause)
        except ServerUnreachable:
            if pause is None:
                raise
            taken, longer, answer = None, pause, None
        if taken is None:
            if answer is not None and longer is None and answer.status != 409:
                raise refusal(answer)
            yield Pause(longer or FOLLOW_PAUSES_S[0])
            taken = yield from _asked_offset(path, source)
        failures = 0 if taken > offset else failures + 1
        if failures > len(FOLLOW_PAUSES_S) and answer is not None:
            raise refusal(answer)
        offset = taken
    return path.rpartition("/")[2]


def removed(upload_id: str) -> Plan[None]:
    """Nobody needs the upload. RequestRefused, ServerUnreachable."""
    yield from exchange(Request("DELETE", f"/api/uploads/{upload_id}", _VERSION), pauses=())


def _created(source: Source) -> Plan[str]:
    name = base64.b64encode(source.name.encode("utf-8", errors="replace")).decode()
    headers = {**_VERSION, "Upload-Length": str(source.size), "Upload-Metadata": f"filename {name}"}
    answer = yield from exchange(Request("POST", "/api/uploads", headers), pauses=FOLLOW_PAUSES_S)
    upload_id = answer.headers.get("location", "").rpartition("/")[2]
    if not upload_id:
        raise unexpected(answer, "does not say where the upload is")
    return f"/api/uploads/{upload_id}"


def _chunk(path: str, source: Source, offset: int, on_progress: OnProgress | None) -> Request:
    headers = {**_VERSION, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    body = ChunkBody(source, offset, min(CHUNK_BYTES, source.size - offset), on_progress)
    return Request("PATCH", path, headers, body)


def _asked_offset(path: str, source: Source) -> Plan[int]:
    answer = yield from exchange(Request("HEAD", path, _VERSION), pauses=FOLLOW_PAUSES_S)
    return _told_offset(answer, source)


def _told_offset(answer: Answer, source: Source) -> int:
    text = answer.headers.get("upload-offset", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) <= source.size):
        raise unexpected(answer, "does not say how much of the upload it has")
    return int(text)
