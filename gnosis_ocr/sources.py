"""Where a document comes from: a path, bytes, an open file, or an address in a bucket."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from gnosis_ocr.errors import SourceUnreadable

PIECE_BYTES = 256 << 10
SPOOLED_BYTES = 8 << 20
"""So much of a file that can't be read twice is kept in memory; the rest goes to disk."""

URI_SCHEMES = ("gs://",)
UNNAMED = "document"


class BinaryFile(Protocol):
    """What is asked of an open file."""

    def read(self, size: int = ..., /) -> bytes: ...


SourceLike = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryFile
"""What a caller may name: a path, a document's bytes, a file opened in binary mode, or a ``gs://`` address."""


class Source(Protocol):
    """A document that can be read as often as needed. size: bytes."""

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        """``size`` bytes from ``offset`` on. SourceUnreadable, also where they are not there any more."""
        ...

    def close(self) -> None:
        """Lets go of what was opened for it; a file of the caller's stays open."""
        ...


class BytesSource:
    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self.size = len(data)
        self._data = data

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        end = min(offset + size, self.size)
        return (self._data[at : min(at + PIECE_BYTES, end)] for at in range(offset, end, PIECE_BYTES))

    def close(self) -> None:
        return


class FileSource:
    """A file by its path, opened for each reading; or one that is open, read from where it stood."""

    def __init__(self, file: Path | BinaryIO, name: str, *, owned: bool = False) -> None:
        """Looks at the file. owned: whether an open file is closed at the end. SourceUnreadable."""
        self.name = name
        self._owned = owned
        self._file = file
        self._start = 0
        try:
            if isinstance(file, Path):
                with file.open("rb") as looked_at:
                    self.size = looked_at.seek(0, os.SEEK_END)
            else:
                self._start = file.tell()
                self.size = file.seek(0, os.SEEK_END) - self._start
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error

    def pieces(self, offset: int, size: int) -> Iterator[bytes]:
        left = size
        try:
            with self._opened() as file:
                file.seek(self._start + offset)
                while left and (piece := file.read(min(left, PIECE_BYTES))):
                    left -= len(piece)
                    yield piece
                grown = offset + size == self.size and not left and file.read(1)
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error
        if left or grown:
            raise SourceUnreadable(f"{self.name} changed while it was sent.")

    def close(self) -> None:
        if self._owned and not isinstance(self._file, Path):
            self._file.close()

    def _opened(self) -> AbstractContextManager[BinaryIO]:
        return self._file.open("rb") if isinstance(self._file, Path) else nullcontext(self._file)

    def _unreadable(self, error: OSError | ValueError) -> SourceUnreadable:
        where = self._file if isinstance(self._file, Path) else self.name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return SourceUnreadable(f"{where} can't be read: {reason.rstrip('.')}.")


def uri_of(given: SourceLike) -> str | None:
    """The address, where it is one in a bucket."""
    return given if isinstance(given, str) and given.startswith(URI_SCHEMES) else None


def open_source(given: SourceLike, filename: str | None) -> Source:
    """filename: as the job is to name the document; by default the file's own. Blocks. SourceUnreadable."""
    if isinstance(given, bytes | bytearray | memoryview):
        return BytesSource(bytes(given), filename or UNNAMED)
    if isinstance(given, str | os.PathLike):
        path = Path(given)
        return FileSource(path, filename or path.name)
    name = filename or _name_of(given)
    if not _binary(given):
        raise SourceUnreadable(f"{name} is no document: name a path, bytes, or a file opened in binary mode.")
    if callable(seekable := getattr(given, "seekable", None)) and seekable():
        return FileSource(cast(BinaryIO, given), name)
    return FileSource(_spooled(given, name), name, owned=True)


def _name_of(file: BinaryFile) -> str:
    name = getattr(file, "name", None)
    return Path(name).name or UNNAMED if isinstance(name, str) else UNNAMED


def _binary(file: BinaryFile) -> bool:
    try:
        return isinstance(file.read(0), bytes)
    except (AttributeError, OSError, ValueError, TypeError):
        return False


def _spooled(file: BinaryFile, name: str) -> BinaryIO:
    """All that is left of a file that can be read but once."""
    with ExitStack() as unfinished:
        kept = unfinished.enter_context(tempfile.SpooledTemporaryFile(SPOOLED_BYTES))
        try:
            while piece := file.read(PIECE_BYTES):
                kept.write(piece)
        except OSError as error:
            raise SourceUnreadable(f"{name} can't be read: {error.strerror or error}.") from error
        kept.seek(0)
        unfinished.pop_all()  # from now on it is closed with its source
        return cast(BinaryIO, kept)
