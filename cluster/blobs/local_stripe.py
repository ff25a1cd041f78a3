"""Locks between processes for the local blob store: 64 files, each guarding the names that fall to it.

A lock file also holds the highest generation that a deletion under it left behind (8 bytes), so it is never deleted.
"""

from __future__ import annotations

import fcntl
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

STRIPES = 64
"""Every process must agree on it, and what the files hold depends on it: never changed."""

_HIGHEST = struct.Struct("<q")


class Stripe:
    """A lock file, held."""

    def __init__(self, file: int) -> None:
        self._file = file

    def highest(self) -> int:
        """The generation that the next write of any name of this stripe must exceed."""
        content = os.pread(self._file, _HIGHEST.size, 0)
        highest: int = _HIGHEST.unpack(content)[0] if len(content) == _HIGHEST.size else 0
        return highest

    def remember(self, generation: int) -> None:
        """Makes ``generation`` the highest, durably; 8 bytes in one sector are written whole or not at all."""
        os.pwrite(self._file, _HIGHEST.pack(generation), 0)
        os.fsync(self._file)


class Stripes:
    """The lock files in ``folder``, made where they are missing."""

    def __init__(self, folder: bytes) -> None:
        self._paths = [os.path.join(folder, b"%02d" % number) for number in range(STRIPES)]
        for path in self._paths:
            os.close(self._open(path))

    @contextmanager
    def lock(self, name: bytes) -> Iterator[Stripe]:
        """Holds the stripe of ``name`` against all threads and processes; waits for it without limit.

        The file is opened anew each time because flock is between openings: threads sharing one would not exclude each
        other. Who dies lets go.
        """
        file = self._open(self._paths[zlib.crc32(name) % STRIPES])
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield Stripe(file)
        finally:
            os.close(file)

    @staticmethod
    def _open(path: bytes) -> int:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
