"""Requests as nobody should send them: hypothesis strategies for paths, queries, headers and bodies.

Most of an input is sound, so that it gets past the first check, and something about it is not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

from cluster.file_type import MEDIA_TYPES
from cluster.options import ALLOWED, NOT_BUILT
from serve_app.routes.results import MEDIA_TYPES as FORMATS

BOUNDARY = "boundary"
METHODS = ("GET", "GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND")
HEADS = (b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"RIFF\x00\x00\x00\x00WEBP", b"BM", b"")
TEXTS = (
    "", "0", "1", "-1", "9-2", "1-3,7", "1e9", "nan", "150", "0.1", "61", "auto", "text", "bulk", "null", "true", "md",
    "../../etc/passwd", "..\\..\\x", "a\x00b", "\r\nX-Evil: 1", "🙂" * 50, "x" * 4000, "\u202egnp.exe", "%2e%2e%2f",
    "*", '"', '"1-1"', 'W/"1-1"', "1:1-3,7", "1:" + "9" * 400, "1.0.0", "99999999999999999999", "Bearer x", "bytes=0-",
    "filename ZG9j,flag", "{}", "[]", "gs://bucket/../x.pdf", "http://169.254.169.254/", "file:///etc/passwd",
)  # fmt: skip
HEADERS = (
    "Idempotency-Key", "If-None-Match", "Last-Event-ID", "X-Request-Id", "Authorization", "Range", "Accept", "Origin",
    "Content-Encoding", "Expect", "Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Defer-Length",
    "Upload-Metadata", "Upload-Checksum", "X-HTTP-Method-Override", "Cookie", "X-Forwarded-For",
)  # fmt: skip
JOB_PATHS = ("", "/status", "/result", "/pages/1", "/pages/1/text", "/pages/1/image", "/cancel", "/retry", "/events")
OTHER_PATHS = (
    "/api/jobs", "/api/uploads", "/api/info", "/api/metrics/summary", "/healthz", "/readyz", "/openapi.json", "/docs",
    "/docs/docs.css", "/", "/api", "/api/jobs/",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawRequest:
    """target: path and query as they stand in the request line. body: in pieces as they are sent.

    length: what Content-Length says; None: the body is chunked. whole: False where the client goes away before its end.
    """

    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: tuple[bytes, ...] = ()
    length: int | None = 0
    whole: bool = True


def requests(known_jobs: Sequence[str] = ()) -> st.SearchStrategy[RawRequest]:
    """known_jobs: ids of jobs that there are; some of the requests are about them."""
    return st.one_of(_submissions(), _questions(known_jobs), _retries(known_jobs), _uploads())


def _questions(known_jobs: Sequence[str]) -> st.SearchStrategy[RawRequest]:
    return st.builds(
        lambda method, path, query, headers: RawRequest(method, path + query, headers),
        st.sampled_from(METHODS),
        _paths(known_jobs),
        _queries(),
        _headers(),
    )


def _submissions() -> st.SearchStrategy[RawRequest]:
    raw = st.tuples(st.sampled_from([*MEDIA_TYPES.values(), "text/plain", ""]), _documents())
    bodies = st.one_of(_forms(), raw, _json_bodies())
    return st.builds(_with_body, st.just("POST"), st.just(b"/api/jobs"), _queries(), _headers(), bodies, _sendings())


def _retries(known_jobs: Sequence[str]) -> st.SearchStrategy[RawRequest]:
    paths = _job_ids(known_jobs).map(lambda job: b"/api/jobs/" + job + b"/retry")
    bodies = _json_bodies()
    return st.builds(_with_body, st.just("POST"), paths, st.just(b""), _headers(), bodies, _sendings())


def _uploads() -> st.SearchStrategy[RawRequest]:
    paths = st.one_of(st.just(b"/api/uploads"), _segments().map(lambda name: b"/api/uploads/" + name))
    bodies = st.tuples(st.sampled_from(["application/offset+octet-stream", "text/plain"]), _documents())
    methods = st.sampled_from(("POST", "PATCH", "HEAD", "DELETE", "OPTIONS"))
    spoken = _headers().map(lambda headers: ((b"Tus-Resumable", b"1.0.0"), *headers))
    return st.builds(_with_body, methods, paths, st.just(b""), spoken, bodies, _sendings())


def _with_body(
    method: str,
    path: bytes,
    query: bytes,
    headers: tuple[tuple[bytes, bytes], ...],
    body: tuple[str, bytes],
    sending: tuple[int, str],
) -> RawRequest:
    content_type, content = body
    size, length = sending
    pieces = tuple(content[at : at + size] for at in range(0, len(content), size))
    typed = (*headers, (b"Content-Type", content_type.encode("latin-1", "replace"))) if content_type else headers
    says = {"right": len(content), "chunked": None, "too long": len(content) + 10}[length]
    return RawRequest(method, path + query, typed, pieces, says, length != "too long")


def _sendings() -> st.SearchStrategy[tuple[int, str]]:
    """Bytes of each piece, and what Content-Length says."""
    lengths = st.sampled_from(("right", "right", "chunked", "too long"))
    return st.tuples(st.sampled_from((7, 1000, 100_000)), lengths)


# ---------------------------------------------------------------- paths, queries, headers


def _segments() -> st.SearchStrategy[bytes]:
    """One part of a path, as it may stand in a request line."""
    odd = st.one_of(st.sampled_from(TEXTS).map(str.encode), st.binary(max_size=40))
    return st.one_of(
        odd.map(lambda raw: quote_from_bytes(raw, safe="").encode()), st.sampled_from([b"..", b"%", b"%zz"])
    )


def _job_ids(known_jobs: Sequence[str]) -> st.SearchStrategy[bytes]:
    absent = st.uuids().map(lambda uuid: f"{str(uuid)[:14]}7{str(uuid)[15:19]}8{str(uuid)[20:]}".encode())
    known = [st.sampled_from(known_jobs).map(str.encode)] if known_jobs else []
    return st.one_of(*known, absent, _segments())


def _paths(known_jobs: Sequence[str]) -> st.SearchStrategy[bytes]:
    jobs = st.builds(
        lambda job, rest: b"/api/jobs/" + job + rest.encode(), _job_ids(known_jobs), st.sampled_from(JOB_PATHS)
    )
    pages = st.builds(
        lambda job, page, rest: b"/api/jobs/" + job + b"/pages/" + page + rest,
        _job_ids(known_jobs),
        _segments(),
        st.sampled_from((b"", b"/text", b"/image")),
    )
    anything = st.lists(_segments(), max_size=5).map(lambda parts: b"/" + b"/".join(parts))
    return st.one_of(jobs, pages, st.sampled_from(OTHER_PATHS).map(str.encode), anything)


def _queries() -> st.SearchStrategy[bytes]:
    names = st.sampled_from((*ALLOWED, *NOT_BUILT, "wait", "filename", "format", "status", "limit", "page_token", "x"))
    values = st.one_of(st.sampled_from((*TEXTS, *FORMATS)), st.text(max_size=30))
    pairs = st.lists(st.tuples(names, values), max_size=3)
    return st.one_of(st.just(b""), pairs.map(_query), st.binary(max_size=20).map(lambda raw: b"?" + _in_a_line(raw)))


def _query(pairs: list[tuple[str, str]]) -> bytes:
    texts = (f"{name}={quote_from_bytes(value.encode('utf-8', 'replace'), safe='')}" for name, value in pairs)
    return b"?" + "&".join(texts).encode() if pairs else b""


def _headers() -> st.SearchStrategy[tuple[tuple[bytes, bytes], ...]]:
    values = st.one_of(st.sampled_from(TEXTS), st.text(max_size=50)).map(
        lambda text: _in_a_header(text.encode("utf-8", "replace"))
    )
    return st.lists(st.tuples(st.sampled_from(HEADERS).map(str.encode), values), max_size=3).map(tuple)


def _in_a_line(raw: bytes) -> bytes:
    """Without what would end the request line, and without ``#``, which no client sends."""
    return bytes(byte for byte in raw if 0x21 <= byte < 0x7F and byte != 0x23)


def _in_a_header(raw: bytes) -> bytes:
    return bytes(byte for byte in raw if byte == 0x09 or 0x20 <= byte != 0x7F).strip()


# ---------------------------------------------------------------- bodies


def _documents() -> st.SearchStrategy[bytes]:
    return st.builds(lambda head, rest: head + rest, st.sampled_from(HEADS), st.binary(max_size=300))


def _json_bodies() -> st.SearchStrategy[tuple[str, bytes]]:
    leaves: st.SearchStrategy[Any] = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(TEXTS)
    )
    values = st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    )
    sources = st.fixed_dictionaries({}, optional={"uri": values, "upload_id": values})
    options = st.dictionaries(st.sampled_from((*ALLOWED, *NOT_BUILT, "x")), values, max_size=3)
    submissions = st.fixed_dictionaries({}, optional={"source": sources | values, "options": options | values})
    passwords = st.fixed_dictionaries({}, optional={"password": values})
    texts = st.one_of(values, submissions, passwords).map(lambda value: json.dumps(value).encode())
    return st.tuples(st.just("application/json"), st.one_of(texts, st.just(b"[" * 5000), st.binary(max_size=50)))


def _forms() -> st.SearchStrategy[tuple[str, bytes]]:
    """Forms of known and odd parts, their end missing or their boundary another at times."""
    names = st.one_of(st.sampled_from(("file", "file", *ALLOWED, *NOT_BUILT)), st.sampled_from(TEXTS))
    parts = st.builds(_part, names, st.none() | st.sampled_from(TEXTS), _values(), st.sampled_from(range(6)))
    ends = st.sampled_from((f"--{BOUNDARY}--\r\n", f"--{BOUNDARY}--\r\n", "", "--", f"--{BOUNDARY}", "\x00" * 10))
    types = st.sampled_from(
        (
            f"multipart/form-data; boundary={BOUNDARY}",
            f"multipart/form-data; boundary={BOUNDARY}",
            f'multipart/form-data; boundary="{BOUNDARY}"; charset=x',
            "multipart/form-data",
            "multipart/form-data; boundary=",
            f"multipart/form-data; boundary={'b' * 400}",
            f"multipart/mixed; boundary={BOUNDARY}",
            "multipart/form-data; boundary=\xff\xfe",
        )
    )
    bodies = st.builds(lambda made, end: b"".join(made) + end.encode(), st.lists(parts, max_size=4), ends)
    return st.tuples(types, bodies)


def _values() -> st.SearchStrategy[bytes]:
    return st.one_of(_documents(), st.sampled_from(TEXTS).map(str.encode), st.binary(max_size=100))


def _part(name: str, filename: str | None, content: bytes, flaw: int) -> bytes:
    """flaw: 0 to 2 none; else something about the part's headers."""
    disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    headers = f"Content-Disposition: {disposition}\r\n"
    if flaw == 3:
        headers = "Content-Disposition: form-data\r\n"
    elif flaw == 4:
        headers += "Content-Transfer-Encoding: base64\r\n"
    elif flaw == 5:
        headers = "X: " + "y" * 20_000 + "\r\n"
    return f"--{BOUNDARY}\r\n{headers}\r\n".encode() + content + b"\r\n"
