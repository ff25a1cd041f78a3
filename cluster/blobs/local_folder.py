"""The blocking half of the local blob store: blobs as plain files, sound across threads, processes and crashes.

Theory of operation. A file's mtime in nanoseconds is its blob's generation. A write makes a temp file in
``.store/temp`` (same file system, never listed), sets its mtime, syncs it, and renames it into place: a file that is
seen is complete, and whoever has it open keeps that version. Only the look at what stands and the rename happen under
the lock (local_stripe.py): the mtime set before is the time of day, and it is set and synced again in the rare case
that what stands is not older. Reads take no lock: they open once and trust that descriptor alone.

A generation never comes twice for a name. Over a standing blob it is at least one more than that one's. A delete first
notes, durably, in the lock file the time of day or the blob's generation, whichever is higher; writes under that lock
go beyond it. That holds when the clock is set back, too.

Syncing. ``durable`` syncs the file before the rename and its folder after it; a delete syncs the folder; a new folder's
parents are synced once, by each process that writes there; writes done together sync their folder once. A file that was
not synced carries its size as an attribute: should the machine die before the content is on disk, the file comes back
shorter than that and counts as absent, so that no blob is seen half written (this rests on a journal that orders a
file's size after its content, as those of ext4, XFS and btrfs do). Where the file system keeps no attributes, every
file is synced.

Empty folders stay. To remove them would race with a writer that has just found the folder and is about to rename into
it or to rely on its parents being synced; preventing that would cost every write a second lock. A list spends about
10 µs on an empty folder.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count

from cluster.blobs.local_file import TempFile, is_whole, keeps_marks, open_blob, read_at
from cluster.blobs.local_listing import Listing
from cluster.blobs.local_stripe import Stripes
from cluster.blobs.port import Blob, BlobInfo
from cluster.errors import BlobConflict

_STALE_NS = 24 * 3600 * 10**9
_FOLDERS_KNOWN = 10_000


Outcome = int | OSError | BlobConflict
"""What became of a write: the blob's generation, or what went wrong."""


@dataclass(frozen=True, slots=True)
class Write:
    """A whole blob to be written over the version ``expected`` (0: none, None: any)."""

    name: bytes
    data: bytes
    expected: int | None
    durable: bool


class BlobFolder:
    """Blobs in the folder ``root`` (absolute; made where it is missing); names are checked by the caller, in UTF-8.

    now_ns: the time of day in nanoseconds since 1970. Every method blocks and may raise OSError.
    """

    def __init__(self, root: bytes, now_ns: Callable[[], int]) -> None:
        self._root = root
        self._now_ns = now_ns
        self._folders: set[bytes] = set()
        own = os.path.join(root, b".store")
        self._temp = os.path.join(own, b"temp")
        locks = os.path.join(own, b"locks")
        for folder in (root, own, self._temp, locks):
            os.makedirs(folder, exist_ok=True)
        self._stripes = Stripes(locks)
        for folder in (locks, own, root, os.path.dirname(root)):
            _sync_folder(folder)
        self._temp_names = count()
        self._temp_prefix = secrets.token_hex(8)
        self._remove_stale_temps()
        self._marked = self._probe()

    def path(self, name: bytes) -> bytes:
        return self._root + b"/" + name

    def read(self, name: bytes) -> Blob:
        file, info = open_blob(self.path(name))
        try:
            return Blob(read_at(file, 0, info.st_size), info.st_mtime_ns)
        finally:
            os.close(file)

    def read_range(self, name: bytes, start: int, end: int) -> bytes:
        file, info = open_blob(self.path(name))
        try:
            return read_at(file, start, max(0, min(end, info.st_size) - start))
        finally:
            os.close(file)

    def list(self, prefix: bytes, start: bytes, limit: int) -> list[BlobInfo]:
        return Listing(self._root, prefix, start, limit).collect()

    def new_temp(self) -> TempFile:
        """Not yet on disk; the caller finishes or discards it."""
        name = f"{self._temp_prefix}-{next(self._temp_names)}"
        return TempFile(os.path.join(self._temp, name.encode()), marked=self._marked)

    def write_together(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carries out the writes in their order and syncs their folders once at the end; an outcome for each."""
        outcomes = [self._outcome(write) for write in writes]
        folders: dict[bytes, list[int]] = {}
        for number, write in enumerate(writes):
            if write.durable and isinstance(outcomes[number], int):
                folders.setdefault(os.path.dirname(self.path(write.name)), []).append(number)
        for folder, numbers in folders.items():
            try:
                _sync_folder(folder)
            except OSError as error:
                for number in numbers:
                    outcomes[number] = error
        return outcomes

    def _outcome(self, write: Write) -> Outcome:
        try:
            return self._write(write)
        except (OSError, BlobConflict) as error:
            return error

    def _write(self, write: Write) -> int:
        if write.expected is not None:
            self._require(write.name, write.expected)  # before the work; a conflict at this moment is a conflict
        temp = self.new_temp()
        try:
            return self._place(temp, [write.data], write.name, write.expected, write.durable)
        finally:
            temp.discard()

    def finish(self, temp: TempFile, pieces: Sequence[bytes], name: bytes, durable: bool) -> int:
        """Appends the last pieces and puts the file into place, whatever stood there; returns the generation."""
        generation = self._place(temp, pieces, name, None, durable)
        if durable:
            _sync_folder(os.path.dirname(self.path(name)))
        return generation

    def _place(self, temp: TempFile, pieces: Sequence[bytes], name: bytes, expected: int | None, durable: bool) -> int:
        """All of a write but the syncing of its folder. BlobConflict."""
        path = self.path(name)
        temp.append(pieces)
        generation = self._now_ns()
        temp.seal(generation, durable=durable)
        self._make_folder(os.path.dirname(path))
        with self._stripes.lock(name) as stripe:
            standing = self._generation(path) if expected is None else self._require(name, expected)
            floor = max(standing, stripe.highest())
            if generation <= floor:
                generation = floor + 1
                temp.seal(generation, durable=durable)
            try:
                temp.rename(path)
            except FileNotFoundError:  # somebody removed a folder that we knew
                self._folders.clear()
                self._make_folder(os.path.dirname(path))
                temp.rename(path)
        return generation

    def delete(self, name: bytes, expected: int | None) -> None:
        """FileNotFoundError, BlobConflict."""
        path = self.path(name)
        with self._stripes.lock(name) as stripe:
            standing = self._generation(path)
            if standing == 0:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            if expected is not None:
                self._require(name, expected)
            if standing > stripe.highest():
                # The time, not just this generation: then the next deletes of older blobs need no note.
                stripe.remember(max(standing, self._now_ns()))
            os.unlink(path)
        _sync_folder(os.path.dirname(path))

    def _require(self, name: bytes, expected: int) -> int:
        """The generation that stands (0: none). BlobConflict where it is not ``expected``."""
        standing = self._generation(self.path(name))
        if standing != expected:
            raise BlobConflict(f"{name.decode()}: expected generation {expected}, found {standing}")
        return standing

    @staticmethod
    def _generation(path: bytes) -> int:
        try:
            info = os.lstat(path)
            return info.st_mtime_ns if is_whole(path, info) else 0
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def _make_folder(self, folder: bytes) -> None:
        """Makes the folder and its parents, durably: also one that stands, as its maker may not have synced it yet."""
        if folder in self._folders or folder == self._root:
            return
        parent = os.path.dirname(folder)
        self._make_folder(parent)
        with suppress(FileExistsError):
            os.mkdir(folder)
        _sync_folder(parent)
        if len(self._folders) >= _FOLDERS_KNOWN:
            self._folders.clear()
        self._folders.add(folder)

    def _remove_stale_temps(self) -> None:
        """Removes what crashed processes left, once it is a day old: younger ones may be another's upload."""
        oldest = self._now_ns() - _STALE_NS
        with os.scandir(self._temp) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    if entry.stat(follow_symlinks=False).st_mtime_ns < oldest:
                        os.unlink(entry.path)

    def _probe(self) -> bool:
        """Whether files can be marked. OSError where the file system does not keep times in nanoseconds."""
        path = os.path.join(self._temp, f"{self._temp_prefix}-probe".encode())
        odd = 1_700_000_000_123_456_789
        with open(path, "wb") as file:
            os.utime(file.fileno(), ns=(odd, odd))
        try:
            if os.stat(path).st_mtime_ns != odd:
                raise OSError(errno.EOPNOTSUPP, "its file system does not keep times in nanoseconds")
            return keeps_marks(path)
        finally:
            os.unlink(path)


def _sync_folder(folder: bytes) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
