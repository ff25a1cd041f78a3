"""A receiver of callbacks on loopback: takes them all, and remembers how each job ended."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Callbacks:
    """url: to be sent to. ended: the status that was told of each job. wrong: bodies that are no record."""

    url: str = ""
    ended: dict[str, str] = field(default_factory=dict)
    wrong: list[bytes] = field(default_factory=list)
    _came: threading.Condition = field(default_factory=threading.Condition)

    def take(self, body: bytes) -> None:
        with self._came:
            try:
                record = json.loads(body)
                self.ended[record["job_id"]] = record["status"]
            except (ValueError, KeyError, TypeError):
                self.wrong.append(body[:200])
            self._came.notify_all()

    def wait_for(self, job: str, timeout_s: float) -> str | None:
        """The status that was told of the job's end, in a thread; None where nothing came in time."""
        with self._came:
            self._came.wait_for(lambda: job in self.ended, timeout_s)
        return self.ended.get(job)


@contextmanager
def callback_receiver() -> Iterator[Callbacks]:
    callbacks = Callbacks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            callbacks.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    callbacks.url = f"http://127.0.0.1:{server.server_port}/ended"
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield callbacks
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
