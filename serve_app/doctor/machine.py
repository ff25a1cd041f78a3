"""Checks of the machine: its Python, its memory, the memory that processes share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import psutil
from packaging.requirements import Requirement

from cluster.ray_cluster import OBJECT_STORE_BYTES
from serve_app.doctor.finding import Finding, fault, ok, warning

PYTHON = (3, 11)
LEAST_MEMORY = 1_500_000_000
ENOUGH_MEMORY = 3_000_000_000
"""Bytes. All processes together take about 1.6 GB at idle with the default engine (README.md)."""

CGROUPS = (
    (Path("/sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file"),
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Where a container's limit of memory stands and how much of it is used, in the second and the first version of
cgroups; and what of that, by ``memory.stat``, the kernel lets go of when it is needed."""


def check_python(version: tuple[int, ...] = sys.version_info[:3], package: str = "gnosis-ocr") -> Finding:
    """version: of this interpreter. package: whose dependencies must be there."""
    text = f"{'.'.join(map(str, version))}, {sys.prefix}"
    if version[:2] != PYTHON:
        wanted = ".".join(map(str, PYTHON))
        return fault(
            "python", text, f"Install Python {wanted} and set up again: PYTHON=/path/to/python{wanted} make setup."
        )
    if absent := _absent_packages(package):
        return fault("python", f"{text}, without {', '.join(absent)}", "Install what is missing: make setup.")
    return ok("python", text)


def _absent_packages(package: str) -> list[str]:
    """The names of those that it needs on this machine, without extras, and that are not installed."""
    absent = []
    try:
        required = distribution(package).requires or []
    except PackageNotFoundError:
        return [package]
    for needed in map(Requirement, required):
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            distribution(needed.name)
        except PackageNotFoundError:
            absent.append(needed.name)
    return absent


def check_memory(free: int | None = None) -> Finding:
    """free: bytes; default: what this process may still get, by the machine and by its container's limit."""
    free = _free_memory() if free is None else free
    text = f"{free / 1e9:.1f} GB free"
    if free < LEAST_MEMORY:
        return fault("memory", text, "End other programs, or give the container more: a server takes about 1.6 GB.")
    if free < ENOUGH_MEMORY:
        return warning("memory", text, "A server takes about 1.6 GB, large pages more: leave it 3 GB.")
    return ok("memory", text)


def _free_memory() -> int:
    free = psutil.virtual_memory().available
    for folder, limit, used, spare in CGROUPS:
        try:
            left = int((folder / limit).read_text("ascii")) - int((folder / used).read_text("ascii"))
            told = dict(line.split() for line in (folder / "memory.stat").read_text("ascii").splitlines())
            left += int(told.get(spare, 0))
        except (OSError, ValueError):
            continue
        free = min(free, max(left, 0))
    return int(free)


def check_shared_memory(folder: Path = Path("/dev/shm")) -> Iterator[Finding]:
    """Nothing where the system has none."""
    if not folder.is_dir():
        return
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e6:.0f} MB free in {folder}"
    if free < OBJECT_STORE_BYTES:
        mend = "Page images travel over files on disk, which is slower; in a container: docker run --shm-size=1g."
        yield warning("shared memory", text, mend)
    else:
        yield ok("shared memory", text)
