"""A running server: the cluster brought up, the application deployed, and all of it drained and stopped again."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import httpx

from cluster import ray_cluster
from cluster.errors import StartupError
from cluster.loopback import is_loopback
from cluster.settings import Settings
from serve_app.preflight import check_surroundings

log = logging.getLogger(__name__)

READY_S = 120.0
POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Server:
    """url: of the API. dashboard: of Ray, None where there is none. store: where everything durable lies."""

    url: str
    dashboard: str | None
    store: str


@contextmanager
def running_server(settings: Settings, *, dashboard: bool = True) -> Iterator[Server]:
    """Starts everything, yields once it is ready, and at the end drains and stops what it started.

    StartupError says in one line what stands in the way.
    """
    check_surroundings(settings)
    _check_port(settings.host, settings.port, "GNOSIS_PORT")
    cluster = ray_cluster.start_or_join(settings, dashboard=dashboard)
    from serve_app import deploy, ray_hosts  # Ray's switches are set by now

    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    try:
        try:
            deploy.start(with_dashboard(settings, cluster.dashboard), cluster.door.host)
        except RuntimeError as error:
            told = deploy.what_failed() or f"see the Serve logs: {error}"
            raise StartupError(f"The application could not be deployed. {told}") from error
        url = f"http://{_reachable(settings.host)}:{settings.port}"
        _wait_until_ready(url)
        yield Server(url, cluster.dashboard, settings.store)
    finally:
        with _uninterrupted():
            asyncio.run(ray_hosts.drain_all())
            deploy.stop(local=cluster.local)
            ray_cluster.stop(cluster)


def with_dashboard(settings: Settings, found: str | None) -> Settings:
    """The dashboard that was found listens on loopback: who reaches the API from elsewhere doesn't reach it."""
    if settings.dashboard_url or found is None or not is_loopback(settings.host):
        return settings
    return settings.model_copy(update={"dashboard_url": found})


def wait_for_signal() -> None:
    """Returns at the first SIGINT or SIGTERM."""
    received = threading.Event()

    def receive(number: int, frame: FrameType | None) -> None:
        received.set()

    before = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not received.wait(0.5):
            pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C does not break the drain off: it is bounded in time."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if _in_main_thread() else None
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def _check_port(host: str, port: int, name: str) -> None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartupError(f"{name} is {port}, but {host}:{port} can't be bound: {error.strerror}.") from error


def _wait_until_ready(url: str) -> None:
    waited = 0.0
    last = "no answer"
    pause = threading.Event()
    while waited < READY_S:
        try:
            answer = httpx.get(f"{url}/readyz", timeout=10, trust_env=False)
            if answer.status_code == 200:
                return
            last = answer.text
        except httpx.TransportError as error:
            last = str(error)
        pause.wait(POLL_S)
        waited += POLL_S
    raise StartupError(f"The server did not become ready within {READY_S:.0f} s: {last}")
