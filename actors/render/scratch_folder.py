"""A folder on the local disk for one Renderer's documents, gone with it.

Its owner holds a lock on a file in it; who makes a folder beside it later removes those whose lock is free: their
owners died without cleaning up, and what they left are users' documents.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_NAME = "gnosis-render-"
_LOCK = ".lock"


class ScratchFolder:
    """parent: where it is made, by default the system's folder for temporary files. Only we may look inside.

    follows: whether another one's owner had died without cleaning up.
    """

    def __init__(self, parent: Path | None = None) -> None:
        root = Path(parent or tempfile.gettempdir())
        root.mkdir(parents=True, exist_ok=True)
        self.follows = _remove_abandoned(root)
        self.path = Path(tempfile.mkdtemp(prefix=_NAME, dir=root))
        self._lock = os.open(self.path / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def remove(self) -> None:
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


def _remove_abandoned(root: Path) -> bool:
    """Whether there were any."""
    found = False
    for folder in root.glob(f"{_NAME}*"):
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue  # another user's, or one that is being made or removed
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
            found = True
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
    return found
