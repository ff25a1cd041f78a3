"""Listing of the local blob store: a walk in the order of whole names, which reads no folder outside the prefix.

A folder's names all begin with its own and a slash; so sorting a folder's entries, folders with their slash, gives the
order of whole names (``a-b`` before ``a/b`` before ``ab``). UTF-8 bytes sort as code points do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from cluster.blobs.local_file import is_whole
from cluster.blobs.port import BlobInfo


class Listing:
    """One call of ``list``: names are paths below ``root``. A name at the top that begins with a dot is not a blob."""

    def __init__(self, root: bytes, prefix: bytes, start: bytes, limit: int) -> None:
        self._root = root
        self._prefix = prefix
        self._start = start
        self._limit = limit
        self._found: list[BlobInfo] = []

    def collect(self) -> list[BlobInfo]:
        """Does the walk. OSError; a folder or file that vanishes meanwhile is passed over."""
        folder, slash, _ = self._prefix.rpartition(b"/")
        self._walk(folder + slash)
        return self._found

    def _walk(self, folder: bytes) -> None:
        try:
            with os.scandir(self._root + b"/" + folder) as entries:
                names = sorted(self._wanted(folder, entries))
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            if len(self._found) == self._limit:
                return
            if name.endswith(b"/"):
                self._walk(name)
            else:
                self._add(name)

    def _wanted(self, folder: bytes, entries: Iterator[os.DirEntry[bytes]]) -> Iterator[bytes]:
        """Whole names of the entries that matter; a folder's ends with a slash."""
        for entry in entries:
            name = folder + entry.name
            if name.startswith(b"."):
                continue
            if entry.is_dir(follow_symlinks=False):
                name += b"/"
                ahead = name >= self._start or self._start.startswith(name)
                if ahead and (name.startswith(self._prefix) or self._prefix.startswith(name)):
                    yield name
            elif name >= self._start and name.startswith(self._prefix):
                yield name

    def _add(self, name: bytes) -> None:
        path = self._root + b"/" + name
        with suppress(FileNotFoundError, NotADirectoryError, UnicodeDecodeError):  # gone meanwhile; not one of ours
            info = os.lstat(path)
            if is_whole(path, info):
                self._found.append(BlobInfo(name.decode(), info.st_mtime_ns, info.st_size))
