"""Files of the local blob store: one being written, one being read, and how to tell that one is whole.

Both may be ended by one thread while another still works on them for a caller who has been cancelled, hence the locks.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock

_SIZE_MARK = "user.gnosis.size"
_OPEN_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # a pipe put there by somebody must not hold us up
_UNMARKED = frozenset({errno.ENODATA, errno.EOPNOTSUPP})


def keeps_marks(path: bytes) -> bool:
    """Whether attributes can be set on the file ``path`` (a system may lack them, a file system too)."""
    if not hasattr(os, "setxattr"):
        return False
    try:
        os.setxattr(path, _SIZE_MARK, b"0")
    except OSError:
        return False
    return True


def is_whole(file: int | bytes, info: os.stat_result) -> bool:
    """Whether the open file or path is a regular file whose content is all there.

    One that was not synced before the machine died may have come back short: its mark knows its size.
    """
    if not stat.S_ISREG(info.st_mode):
        return False
    if not hasattr(os, "getxattr"):
        return True
    try:
        return int(os.getxattr(file, _SIZE_MARK)) == info.st_size
    except OSError as error:
        if error.errno in _UNMARKED:
            return True
        raise


def open_blob(path: bytes) -> tuple[int, os.stat_result]:
    """An open descriptor and its stat; FileNotFoundError where no whole regular file is there."""
    file = os.open(path, _OPEN_READ)
    try:
        info = os.fstat(file)
        if not is_whole(file, info):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    except BaseException:
        os.close(file)
        raise
    return file, info


def read_at(file: int, start: int, size: int) -> bytes:
    """``size`` bytes from ``start`` on, fewer at the file's end."""
    data = os.pread(file, size, start)
    if len(data) in (0, size):
        return data
    pieces = [data]
    missing = size - len(data)
    while missing and (data := os.pread(file, missing, start + size - missing)):
        pieces.append(data)
        missing -= len(data)
    return b"".join(pieces)


class BlobReader:
    """Reads one version of a blob, piece by piece; opens it at the first."""

    def __init__(self, path: bytes) -> None:
        self._path = path
        self._file: int | None = None
        self._closed = False
        self._offset = 0
        self._lock = Lock()

    def next(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end, none after it. OSError."""
        with self._lock:
            if self._closed:
                return b""
            if self._file is None:
                self._file, _ = open_blob(self._path)
            data = read_at(self._file, self._offset, size)
            self._offset += len(data)
            return data

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._file is not None:
                os.close(self._file)
                self._file = None


class TempFile:
    """A file being written, unseen until it is renamed into place. size: bytes so far."""

    def __init__(self, path: bytes, *, marked: bool) -> None:
        """marked: files that are not synced carry their size; where that can't be, they are synced all the same."""
        self.size = 0
        self._path = path
        self._marked = marked
        self._file: int | None = None
        self._discarded = False
        self._lock = Lock()

    def append(self, pieces: Iterable[bytes]) -> None:
        with self._lock:
            file = self._opened()
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    view = view[os.write(file, view) :]
                self.size += len(piece)

    def seal(self, generation: int, *, durable: bool) -> None:
        """Sets the generation, and syncs or marks; after it nothing may be appended (that would move the mtime)."""
        with self._lock:
            file = self._opened()
            os.utime(file, ns=(generation, generation))
            if durable or not self._marked:
                os.fsync(file)
            else:
                os.setxattr(file, _SIZE_MARK, b"%d" % self.size)

    def rename(self, path: bytes) -> None:
        """Puts it into place. FileNotFoundError where the folder is not there; it may be tried again."""
        with self._lock:
            self._opened()
            os.rename(self._path, path)
            self._close()

    def discard(self) -> None:
        """Ends it unless it was renamed; further calls on it fail, for a caller who is gone."""
        with self._lock:
            self._discarded = True
            if self._file is not None:
                self._close()
                with suppress(OSError):  # swept up as a stale file at a later start
                    os.unlink(self._path)

    def _opened(self) -> int:
        if self._discarded:
            raise OSError(errno.ECANCELED, "the write was given up")
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)
