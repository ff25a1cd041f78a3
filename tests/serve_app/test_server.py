"""What keeps the server from starting is said in one line, before anything is started."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from cluster.errors import StartupError
from cluster.settings import load_settings
from serve_app.server import running_server, wait_for_signal, with_dashboard


def start(**settings: object) -> None:
    with running_server(load_settings(**settings)):
        pytest.fail("it must not start")


def test_a_store_in_memory_is_refused() -> None:
    with pytest.raises(StartupError, match="GNOSIS_STORE is 'memory://'"):
        start(store="memory://")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StartupError, match=r"GNOSIS_STORE is .*can't be used"):
        start(store=f"file://{tmp_path}/file/data")


@pytest.mark.usefixtures("cloud")
def test_a_bucket_that_is_missing_is_named() -> None:
    with pytest.raises(StartupError, match="GNOSIS_STORE is 'gs://elsewhere/jobs', but there is no such bucket"):
        start(store="gs://elsewhere/jobs/")


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=f"GNOSIS_PORT is {port}"):
            start(store=f"file://{tmp_path}", port=port)


@pytest.mark.signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_either_signal_ends_the_waiting(number: signal.Signals) -> None:
    before = signal.getsignal(number)

    def signal_once_it_is_waited_for() -> None:
        while signal.getsignal(number) is before:
            time.sleep(0.01)
        os.kill(os.getpid(), number)

    threading.Thread(target=signal_once_it_is_waited_for).start()
    wait_for_signal()
    assert signal.getsignal(number) is before


def test_a_file_of_keys_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"GNOSIS_API_KEYS_FILE, .*/keys.json, does not exist"):
        start(store=f"file://{tmp_path}", api_keys_file=tmp_path / "keys.json")


@pytest.mark.parametrize(
    ("set_to", "host", "found", "told"),
    [
        ("", "127.0.0.1", "http://127.0.0.1:8265", "http://127.0.0.1:8265"),
        ("", "localhost", "http://127.0.0.1:8265", "http://127.0.0.1:8265"),
        ("", "0.0.0.0", "http://127.0.0.1:8265", ""),
        ("", "127.0.0.1", None, ""),
        ("https://ray.example.org", "0.0.0.0", "http://127.0.0.1:8265", "https://ray.example.org"),
    ],
)
def test_a_dashboard_that_others_do_not_reach_is_not_told_of(
    set_to: str, host: str, found: str | None, told: str
) -> None:
    settings = load_settings(store="memory://", host=host, dashboard_url=set_to)
    assert with_dashboard(settings, found).dashboard_url == told
