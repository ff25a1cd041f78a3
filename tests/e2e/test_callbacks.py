"""A callback on a real cluster: refused twice, its JobHost killed in between, taken at last, its marker gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.e2e.books import small_book
from tests.e2e.live_cluster import live_cluster

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Received:
    """requests: headers, body and the status that they were answered with, in order."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes, int]] = field(default_factory=list)


@contextmanager
def receiver(*answers: int) -> Iterator[Received]:
    """On loopback; answers in turn, the last one stays."""
    received = Received(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = received.answers.pop(0) if len(received.answers) > 1 else received.answers[0]
            received.requests.append((dict(self.headers.items()), body, status))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_callback_survives_its_receiver_s_failures_and_its_host_s_death(tmp_path: Path) -> None:
    settings = {"engines": "null", "webhook_secret": SECRET, "callback_networks": "127.0.0.0/8"}
    book = small_book(tmp_path, 3)
    with (
        receiver(500, 500, 200) as received,
        live_cluster(tmp_path / "store", heartbeat_seconds="0.3", sweep_seconds="2", **settings) as cluster,
    ):
        job_id = cluster.submit(book, callback_url=f"http://127.0.0.1:{received.port}/done")
        record = cluster.ended(job_id)
        (marker,) = cluster.store.rglob(f"active/*/{job_id}")
        cluster.wait(lambda: len(received.requests) == 1, 20)
        assert b'"callback"' in marker.read_bytes()
        cluster.kill("ray::RayJobHost")
        cluster.wait(lambda: len(received.requests) == 2, 30)  # the next life begins at once
        cluster.wait(lambda: len(received.requests) == 3, 30)  # and again after its pause
        cluster.wait(lambda: not marker.exists(), 10)
        assert [status for _, _, status in received.requests] == [500, 500, 200]
        stored = next(cluster.store.rglob(f"jobs/{job_id}/processing.json")).read_bytes()
        for headers, body, _ in received.requests:
            assert Webhook(SECRET).verify(body, headers) == record
            assert body == stored
            assert {name.lower(): value for name, value in headers.items()}["webhook-id"] == f"{job_id}_1"
        assert cluster.status(job_id) == record
