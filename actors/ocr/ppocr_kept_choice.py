"""Which runtime was the fastest here, kept on disk: a replica that takes a lost one's place does not measure again.

Measuring compiles the recogniser for every runtime, for which pages would wait. What was measured holds for the same
processor, cores, packages and weights, until the machine starts anew; a file's name is a digest of all that, its
content the runtime's name. A folder that can't be read or written costs a measurement at the next start, nothing else.
"""

from __future__ import annotations

import hashlib
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from actors.ocr.cache_folder import keep

PACKAGES = ("openvino", "onnxruntime", "rapidocr", "numpy")
MOST_BYTES = 100


class KeptChoice:
    """folder: where it is kept. threads: of the replica. recognizer: the network that was measured."""

    def __init__(self, folder: Path, threads: int, recognizer: Path, *, boot: str | None = None) -> None:
        situation = (
            _processor(),
            _boot() if boot is None else boot,
            str(os.cpu_count()),
            str(threads),
            *(_version(package) for package in PACKAGES),
            recognizer.name,
            str(recognizer.stat().st_size if recognizer.exists() else 0),
        )
        digest = hashlib.sha256("\n".join(situation).encode()).hexdigest()[:16]
        self.path = folder / f"rapidocr-runtime-{digest}"

    def read(self) -> str | None:
        """The runtime's name; None where none is kept. Whether there is such a runtime is the caller's to see."""
        try:
            with self.path.open("rb") as file:
                return file.read(MOST_BYTES).decode(errors="replace").strip() or None
        except OSError:
            return None

    def keep(self, name: str) -> None:
        keep(self.path, f"{name}\n".encode())


def _processor() -> str:
    """Its model and what it can do, as Linux tells it; elsewhere what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    first = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in reversed(lines))}
    told = (first.get(name, "") for name in ("model name", "CPU part", "stepping", "flags", "Features"))
    return "\n".join((platform.machine(), *told))


def _boot() -> str:
    """Another text after every start of the machine, where it tells; a measurement of a bad moment ends with it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
