"""HAProxy's configuration as Serve writes it, made ours: who may reach it, and what it answers by itself.

Serve starts HAProxy through a small script of ours (front_door.py), which runs ``main`` here: the configuration is
rewritten where it lies, and the process becomes HAProxy, with the id that Serve knows. What is changed:

- The page of statistics and the endpoint for Prometheus are left out: they would listen on all interfaces. Serve itself
  asks over a Unix socket, which is open to our user alone now, and Ray's own metrics have what it learns.
- Only HAProxy listens on the address that the user chose. The replicas behind it are on this machine's loopback.
- Its own answers are problems: while there is no route or no replica 503 ``overloaded``, as from proxy_problems.py.
  Only what is no HTTP at all still gets HAProxy's own page, which can't be changed.
- Headers that do not come in time are not waited for.
- No line for each request goes to whoever listens on the port of syslog.
- It does not outlive the process that started it: it stops listening then, and ends with its last connection.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from cluster.errors import GnosisError, Overloaded

STARTING = "The server is starting; try again in a few seconds."
LOST = "The replica that had this request was lost; the same Idempotency-Key tells whether it was carried out."
RETRY_AFTER_S = 5
HEADERS_S = 30

_MARK = "# Adapted by gnosis-ocr"
_PROBLEM = "application/problem+json"
_ALL_INTERFACES = ("0.0.0.0", "::", "")
_LEFT_OUT = ("frontend prometheus", "listen stats")
_SYSLOG = "log 127.0.0.1:514 "
_EXPECTED = ("stats socket", "errorfile", "bind", "http-request return status 404", *_LEFT_OUT)
_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_USABLE_ID = "^[A-Za-z0-9._:-]{1,100}$"  # as in request_ids.py


def adapted(config: str, host: str) -> str:
    """The configuration with our changes; made twice they change nothing more.

    host: where the API listens. ValueError: this is not what Serve of the pinned version writes.
    """
    if _MARK in config:
        return config
    missing = [expected for expected in _EXPECTED if expected not in config]
    if missing:
        raise ValueError(f"Serve's configuration of HAProxy has changed: it lacks {', '.join(missing)}")
    lines: list[str] = [_MARK]
    section = ""
    for line in config.splitlines():
        words = line.strip()
        if line and not line[0].isspace():
            section = words
        if section in _LEFT_OUT:
            continue
        lines += _changed(section, line, words, host)
    return "\n".join(lines) + "\n"


def _changed(section: str, line: str, words: str, host: str) -> Iterator[str]:
    if section == "global" and words.startswith("stats socket "):
        yield line.replace("mode 666", "mode 600")
    elif words.startswith((_SYSLOG, "errorfile ")):
        return
    elif section == "defaults" and words == "mode http":
        yield line
        yield from (f"    {rule}" for rule in _defaults())
    elif section == "frontend http_frontend" and words.startswith("bind "):
        port = words.rpartition(":")[2]
        yield f"    bind {'*' if host in _ALL_INTERFACES else host}:{port}"
        yield from (f"    {rule}" for rule in _FRONTEND)
    elif section == "backend default_backend" and words.startswith("http-request return status 404 "):
        yield f"    http-request return {_answer(503, Overloaded.code, STARTING)} {_RETRY}"
    else:
        yield line


_REQUEST_ID = "%[var(txn.request_id)]"
_RETRY = f"hdr Retry-After {RETRY_AFTER_S}"
_FRONTEND = (
    "unique-id-format %[uuid]",
    f"http-request set-var(txn.request_id) req.fhdr(x-request-id) if {{ req.fhdr(x-request-id) -m reg {_USABLE_ID} }}",
    "http-request set-var(txn.request_id) unique-id if !{ var(txn.request_id) -m found }",
    f"http-request set-header x-request-id {_REQUEST_ID}",
    "http-request disable-l7-retry if !METH_GET",
    "http-after-response set-status 500 if { status 502 } || { status 504 }",
)
"""Only what is safe to be carried out twice is tried at another replica once it has been sent (METH_GET is HEAD, too).
A lost replica is a 500 as from Serve's own proxy: 502 and 504 are no part of the HTTP contract."""


def _defaults() -> Iterator[str]:
    yield f"timeout http-request {HEADERS_S}s"
    yield f"http-error {_answer(503, Overloaded.code, STARTING)} {_RETRY}"
    for status in (500, 502, 504):
        yield f"http-error {_answer(status, GnosisError.code, LOST, shown=500)}"


def _answer(status: int, code: str, detail: str, shown: int | None = None) -> str:
    """HAProxy's words for a problem. shown: the status that the client will see, where it is another one."""
    seen = shown or status
    body = {
        "type": "about:blank",
        "title": HTTPStatus(seen).phrase,
        "status": seen,
        "code": code,
        "detail": detail,
        "request_id": _REQUEST_ID,
    }
    text = json.dumps(body, separators=(",", ":"))
    assert "'" not in text
    return (
        f"status {status} content-type {_PROBLEM} lf-string '{text}' "
        f"hdr X-Request-Id '{_REQUEST_ID}' hdr X-Content-Type-Options nosniff"
    )


def main() -> None:
    """Becomes HAProxy. Its arguments: the binary, where the API listens, and those of Serve, ``-f PATH`` too."""
    binary, host, *arguments = sys.argv[1:]
    path = Path(arguments[arguments.index("-f") + 1])
    path.write_text(adapted(path.read_text("utf-8"), host), "utf-8")
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, int(signal.SIGUSR1))
    os.execv(binary, [binary, *arguments])
