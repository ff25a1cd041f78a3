"""Checks of storage: the blob store itself, and for one in a folder the disk below it."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cluster.blobs.probe import check_store
from cluster.clock import Clock, SystemClock
from cluster.errors import StartupError
from serve_app.doctor.finding import Finding, fault, ok, warning

LEAST_BYTES = 1_000_000_000
ENOUGH_BYTES = 10_000_000_000
SLOW_SYNC_S = 0.05
"""A page's result is synced before it counts, a job's record about once a second."""

SYNCS = 5
SYNCED_BYTES = 4096
FILE = "file://"


def check_storage(store: str) -> list[Finding]:
    """store: as in GNOSIS_STORE. Takes up to 20 s where a remote one does not answer."""
    findings = [_store(store)]
    if store.startswith(FILE):
        folder = nearest_folder(Path(store.removeprefix(FILE)))
        findings += [check_space("disk", folder), *check_sync(folder)]
    findings.append(check_space("temporary files", Path(tempfile.gettempdir())))
    return findings


def _store(store: str) -> Finding:
    if store == "memory://":
        return fault(
            "store", "memory:// lives in one process", "A cluster has several: name a folder or a bucket, GNOSIS_STORE."
        )
    folder = Path(store.removeprefix(FILE)) if store.startswith(FILE) else None
    before = None if folder is None else nearest_folder(folder)
    try:
        asyncio.run(check_store(store))
    except StartupError as error:
        return fault("store", error.detail, "Correct GNOSIS_STORE, or give this process the right to use it.")
    finally:
        if folder is not None and before != folder:
            _leave_nothing(folder, before)
    return ok("store", f"{store}: a blob was written, read and removed")


def _leave_nothing(folder: Path, before: Path | None) -> None:
    """The check has made the store's folder: it goes again, unless somebody has put something there meanwhile. before:
    the folder above it that was there."""
    blobs = (path for path in folder.rglob("*") if not path.is_dir())
    if any(not path.relative_to(folder).parts[0].startswith(".") for path in blobs):  # beside the store's own locks
        return
    shutil.rmtree(folder, ignore_errors=True)
    for above in folder.parents:
        if above == before:
            break
        with suppress(OSError):
            above.rmdir()


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next((each for each in (path, *path.parents) if each.is_dir()), Path("/"))


def check_space(check: str, folder: Path, free: int | None = None) -> Finding:
    """free: bytes; default: as the disk tells."""
    free = shutil.disk_usage(folder).free if free is None else free
    text = f"{free / 1e9:.1f} GB free at {folder}"
    mend = "Make room, or set GNOSIS_RETENTION_DAYS so that old jobs are removed."
    if free < LEAST_BYTES:
        return fault(check, text, mend)
    return warning(check, text, mend) if free < ENOUGH_BYTES else ok(check, text)


def check_sync(folder: Path, clock: Clock | None = None) -> Iterator[Finding]:
    """How long the disk takes to have a small file safe. Nothing where the folder can't be written: the store tells."""
    clock = clock or SystemClock()
    times = []
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            for _ in range(SYNCS):
                file.write(os.urandom(SYNCED_BYTES))
                file.flush()
                begun = clock.monotonic()
                os.fsync(file.fileno())
                times.append(clock.monotonic() - begun)
    except OSError:
        return
    middle = statistics.median(times)
    text = f"{middle * 1000:.1f} ms to have {SYNCED_BYTES // 1024} KB safe at {folder}"
    if middle > SLOW_SYNC_S:
        yield warning("sync", text, "Every page waits for it: keep the store on a faster disk, or in Cloud Storage.")
    else:
        yield ok("sync", text)
