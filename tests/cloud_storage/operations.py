"""The API's operations: which one a request is, and what it does to what is stored."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tests.cloud_storage.exchange import Answer, Refusal, Request, bad_request, json_answer
from tests.cloud_storage.field_selection import parse_fields, select
from tests.cloud_storage.multipart import parse_multipart
from tests.cloud_storage.objects import Bucket, CloudObject, Content
from tests.cloud_storage.upload_sessions import UploadSession, UploadSessions, check_declared, chunk_range

_API, _UPLOAD, _DOWNLOAD = "/storage/v1/b/", "/upload/storage/v1/b/", "/download/storage/v1/b/"
_ALWAYS_KNOWN = {"alt", "prettyPrint", "projection"}


@dataclass(frozen=True, slots=True)
class Operation:
    """kind: one of faults.OPERATIONS. name: the object's, of a list its prefix. act: does it; Refusal.

    partly: does it with so many of the body's bytes, of a chunk.
    """

    kind: str
    name: str
    act: Callable[[], Answer]
    partly: Callable[[int], Answer] | None = None


class Operations:
    """``find`` only looks; the double calls ``act`` under its lock."""

    def __init__(self, buckets: dict[str, Bucket], sessions: UploadSessions) -> None:
        self._buckets = buckets
        self._sessions = sessions

    def find(self, request: Request) -> Operation:
        """Refusal where the API has no such operation, or not these parameters."""
        for prefix, find in ((_UPLOAD, self._uploading), (_DOWNLOAD, self._downloading), (_API, self._plain)):
            if request.path.startswith(prefix):
                bucket, _, rest = request.path.removeprefix(prefix).partition("/")
                kind, _, name = rest.partition("/")
                if kind in ("", "o"):
                    return find(request, unquote(bucket), kind, unquote(name))
        raise Refusal(404, "notFound", f"The double has no {request.method} {request.path}.")

    def _plain(self, request: Request, bucket: str, kind: str, name: str) -> Operation:
        if request.method == "GET" and not kind:
            _check_known(request, ("fields",))
            return Operation(
                "bucket", "", lambda: json_answer({"kind": "storage#bucket", "name": self._bucket(bucket).name})
            )
        if request.method == "GET" and not name:
            prefix = request.query.get("prefix", "")
            return Operation("list", prefix, lambda: self._list(request, self._bucket(bucket), prefix))
        if request.method == "GET":
            if request.query.get("alt") == "media":
                return self._downloading(request, bucket, kind, name)
            return Operation("metadata", name, lambda: self._metadata(request, self._bucket(bucket), name))
        if request.method == "DELETE" and name:
            return Operation("delete", name, lambda: self._delete(request, self._bucket(bucket), name))
        raise Refusal(405, "methodNotAllowed", f"The double has no {request.method} here.")

    def _downloading(self, request: Request, bucket: str, kind: str, name: str) -> Operation:
        if request.method != "GET" or not name:
            raise Refusal(405, "methodNotAllowed", f"The double has no {request.method} here.")
        return Operation("download", name, lambda: self._download(request, self._bucket(bucket), name))

    def _uploading(self, request: Request, bucket: str, kind: str, name: str) -> Operation:
        if "upload_id" in request.query:
            return self._resuming(request)
        way = request.query.get("uploadType")
        _check_known(request, ("uploadType", "name", "ifGenerationMatch"))
        if request.method != "POST" or way not in ("media", "multipart", "resumable"):
            raise bad_request(f"The double has no upload of type {way}.")
        if way == "resumable":
            properties = json.loads(request.body)
            name = properties["name"]
            return Operation("start", name, lambda: self._start(request, self._bucket(bucket), name, properties))
        if way == "multipart":
            properties, content_type, data = parse_multipart(request.headers.get("content-type", ""), request.body)
            name = properties["name"]
        else:
            properties, content_type, data = {}, request.headers.get("content-type", ""), request.body
            name = request.query.get("name", "")
        content = _content(properties, content_type, data)
        declared = properties.get("crc32c", "")
        return Operation("upload", name, lambda: self._upload(request, self._bucket(bucket), name, content, declared))

    def _resuming(self, request: Request) -> Operation:
        _check_known(request, ("uploadType", "upload_id", "ifGenerationMatch"))
        session = self._sessions.get(request.query["upload_id"])
        if request.method == "DELETE":
            return Operation("give_up", session.name, lambda: self._give_up(session))
        if request.method != "PUT":
            raise Refusal(405, "methodNotAllowed", f"The double has no {request.method} here.")
        kind = "question" if chunk_range(request.headers.get("content-range", "")).is_question else "chunk"
        return Operation(
            kind, session.name, lambda: self._chunk(request, session), lambda keep: self._chunk(request, session, keep)
        )

    def _bucket(self, name: str) -> Bucket:
        if name not in self._buckets:
            raise Refusal(404, "notFound", "The specified bucket does not exist.")
        return self._buckets[name]

    def _list(self, request: Request, bucket: Bucket, prefix: str) -> Answer:
        _check_known(request, ("prefix", "startOffset", "maxResults", "pageToken", "fields"))
        token = request.query.get("pageToken")
        start = base64.urlsafe_b64decode(token).decode() if token else request.query.get("startOffset", "")
        page, following = bucket.list(prefix, start, int(request.query.get("maxResults", "1000")))
        content: dict[str, Any] = {"kind": "storage#objects"}
        if page:
            content["items"] = [found.resource() for found in page]
        if following is not None:
            content["nextPageToken"] = base64.urlsafe_b64encode(following.encode()).decode()
        return _selected(request, content)

    def _metadata(self, request: Request, bucket: Bucket, name: str) -> Answer:
        _check_known(request, ("generation", "ifGenerationMatch", "fields"))
        found = bucket.get(name, _number(request, "generation"), _expected(request))
        return _selected(request, found.resource(), found.generation)

    def _delete(self, request: Request, bucket: Bucket, name: str) -> Answer:
        _check_known(request, ("generation", "ifGenerationMatch"))
        gone = bucket.delete(name, _number(request, "generation"), _expected(request))
        return Answer(204, generation=gone.generation)

    def _download(self, request: Request, bucket: Bucket, name: str) -> Answer:
        _check_known(request, ("generation", "ifGenerationMatch"))
        try:
            found = bucket.get(name, _number(request, "generation"), _expected(request))
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return Answer(404, {"Content-Type": "text/html; charset=UTF-8"}, refusal.message.encode())
        return _media(request, found)

    def _upload(self, request: Request, bucket: Bucket, name: str, content: Content, declared: str) -> Answer:
        check_declared(content.data, declared)
        stored = bucket.put(name, content, _expected(request))
        return json_answer(stored.resource(), generation=stored.generation)

    def _start(self, request: Request, bucket: Bucket, name: str, properties: dict[str, Any]) -> Answer:
        content = _content(properties, request.headers.get("x-upload-content-type", ""), b"")
        session = self._sessions.start(bucket, name, content, _expected(request), properties.get("crc32c", ""))
        url = f"http://{request.headers['host']}{request.path}?uploadType=resumable&upload_id={session.id}"
        return Answer(200, {"Location": url})

    def _chunk(self, request: Request, session: UploadSession, keep: int | None = None) -> Answer:
        declared = request.headers.get("x-goog-hash", "").removeprefix("crc32c=")
        stored = session.take(chunk_range(request.headers["content-range"]), request.body, declared, keep)
        if stored is not None:
            return json_answer(stored, generation=int(stored["generation"]))
        received = len(session.received)
        return Answer(308, {"Range": f"bytes=0-{received - 1}"} if received else {})

    def _give_up(self, session: UploadSession) -> Answer:
        self._sessions.give_up(session.id)
        return Answer(499)


def _check_known(request: Request, known: Iterable[str]) -> None:
    unknown = set(request.query) - _ALWAYS_KNOWN - set(known)
    if unknown:
        raise bad_request(f"The double does not know {', '.join(sorted(unknown))} here.")


def _number(request: Request, name: str) -> int | None:
    return int(request.query[name]) if name in request.query else None


def _expected(request: Request) -> int | None:
    return _number(request, "ifGenerationMatch")


def _content(properties: dict[str, Any], content_type: str, data: bytes) -> Content:
    unknown = set(properties) - {"name", "contentType", "contentEncoding", "metadata", "crc32c"}
    if unknown:
        raise bad_request(f"The double does not know the properties {', '.join(sorted(unknown))}.")
    kind = properties.get("contentType") or content_type or "application/octet-stream"
    return Content(data, kind, properties.get("contentEncoding", ""), properties.get("metadata", {}))


def _selected(request: Request, content: dict[str, Any], generation: int = 0) -> Answer:
    try:
        wanted = parse_fields(request.query.get("fields", ""))
    except ValueError as error:
        raise bad_request(str(error)) from error
    return json_answer(select(content, wanted), generation=generation)


def _media(request: Request, found: CloudObject) -> Answer:
    """The content, or the range of it that is asked for. What is stored compressed is decompressed on the way, for
    those who do not take it as it is."""
    data, encoding = found.content.data, found.content.content_encoding
    headers = {
        "Content-Type": found.content.content_type,
        "ETag": f'"{found.generation}"',
        "x-goog-generation": str(found.generation),
        "x-goog-metageneration": "1",
        "x-goog-hash": f"crc32c={found.crc32c}",
        "x-goog-stored-content-encoding": encoding or "identity",
        "x-goog-stored-content-length": str(len(data)),
        "x-goog-storage-class": "STANDARD",
    }
    if encoding == "gzip" and "gzip" not in request.headers.get("accept-encoding", ""):
        return Answer(200, headers, gzip.decompress(data), found.generation)
    if encoding:
        headers["Content-Encoding"] = encoding
    wanted = request.headers.get("range", "").removeprefix("bytes=")
    if not wanted:
        return Answer(200, headers, data, found.generation)
    first, _, last = wanted.partition("-")
    start, end = int(first), min(int(last) + 1 if last else len(data), len(data))
    if start >= len(data):
        return Answer(416, {"Content-Range": f"bytes */{len(data)}"}, generation=found.generation)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
    return Answer(206, headers, data[start:end], found.generation)
