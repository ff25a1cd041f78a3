from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from gnosis_ocr import SourceUnreadable
from gnosis_ocr.sources import PIECE_BYTES, SPOOLED_BYTES, Source, open_source, uri_of

DATA = bytes(range(256)) * 3000  # three pieces


class Pipe(io.RawIOBase):
    """A file that can be read once."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._data.readinto(buffer)


class Bare:
    """Nothing but a method to read."""

    def __init__(self, data: bytes) -> None:
        self.read = io.BytesIO(data).read


def whole(source: Source) -> bytes:
    return b"".join(source.pieces(0, source.size))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scan.pdf"
    path.write_bytes(DATA)
    return path


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda path: path, "scan.pdf"),
        (str, "scan.pdf"),
        (lambda path: path.open("rb"), "scan.pdf"),
        (lambda path: DATA, "document"),
        (lambda path: bytearray(DATA), "document"),
        (lambda path: memoryview(DATA), "document"),
        (lambda path: io.BytesIO(DATA), "document"),
        (lambda path: Pipe(DATA), "document"),
        (lambda path: Bare(DATA), "document"),
    ],
    ids=["path", "text", "open file", "bytes", "bytearray", "memoryview", "BytesIO", "pipe", "read alone"],
)
def test_sources_are_read_as_often_as_needed(path: Path, make: Callable[[Path], Any], name: str) -> None:
    given = make(path)
    source = open_source(given, None)
    assert (source.name, source.size) == (name, len(DATA))
    assert whole(source) == whole(source) == DATA
    assert max(map(len, source.pieces(0, source.size))) <= PIECE_BYTES
    assert b"".join(source.pieces(PIECE_BYTES + 7, 1000)) == DATA[PIECE_BYTES + 7 :][:1000]
    assert list(source.pieces(len(DATA), 0)) == []
    source.close()
    if isinstance(given, io.BufferedReader):
        assert not given.closed, "it is the caller's"
        given.close()


def test_a_name_that_is_given_counts(path: Path) -> None:
    assert open_source(path, "letter.pdf").name == open_source(DATA, "letter.pdf").name == "letter.pdf"


def test_an_open_file_is_read_from_where_it_stands(path: Path) -> None:
    with path.open("rb") as file:
        file.seek(100)
        assert whole(open_source(file, None)) == DATA[100:]


def test_a_large_pipe_is_kept_on_disk() -> None:
    data = os.urandom(1 << 16) * ((SPOOLED_BYTES >> 16) + 1)
    source = open_source(Pipe(data), None)
    assert whole(source) == data
    source.close()
    with pytest.raises(SourceUnreadable, match="closed file"):
        whole(source)


@pytest.mark.parametrize(
    ("fault", "told"), [(OSError(5, "Input/output error"), SourceUnreadable), (KeyboardInterrupt(), KeyboardInterrupt)]
)
def test_nothing_is_kept_of_a_pipe_that_breaks(
    monkeypatch: pytest.MonkeyPatch, fault: BaseException, told: type[BaseException]
) -> None:
    class Broken(Pipe):
        def readinto(self, buffer: Any) -> int:
            if buffer and self._data.tell():
                raise fault
            return super().readinto(buffer)

    kept: list[Any] = []

    def made(size: int) -> Any:
        kept.append(spooled(size))
        return kept[-1]

    spooled = tempfile.SpooledTemporaryFile
    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", made)
    with pytest.raises(told):
        open_source(Broken(DATA), None)
    assert [each.closed for each in kept] == [True]


def test_what_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"absent\.pdf can't be read: No such file or directory\."):
        open_source(tmp_path / "absent.pdf", None)
    with pytest.raises(SourceUnreadable, match="can't be read: Is a directory"):
        open_source(str(tmp_path), None)
    with pytest.raises(SourceUnreadable, match="document is no document: name a path, bytes"):
        open_source(3, None)  # type: ignore[arg-type]
    (tmp_path / "a.txt").write_text("text")
    with (tmp_path / "a.txt").open() as text, pytest.raises(SourceUnreadable, match="a file opened in binary mode"):
        open_source(text, None)  # type: ignore[arg-type]
    with pytest.raises(SourceUnreadable, match="a file opened in binary mode"):
        open_source(io.StringIO("text"), None)  # type: ignore[arg-type]
    closed: BinaryIO = io.BytesIO(b"a")
    closed.close()
    with pytest.raises(SourceUnreadable, match="is no document"):
        open_source(closed, None)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"x"], ids=["shorter", "longer"])
def test_a_file_that_changes_is_told(path: Path, change: Callable[[bytes], bytes]) -> None:
    source = open_source(path, None)
    path.write_bytes(change(DATA))
    with pytest.raises(SourceUnreadable, match=r"scan\.pdf changed while it was sent"):
        whole(source)
    path.unlink()
    with pytest.raises(SourceUnreadable, match="No such file"):
        whole(source)


def test_addresses_in_buckets() -> None:
    assert uri_of("gs://bucket/name.pdf") == "gs://bucket/name.pdf"
    assert uri_of("scan.pdf") is uri_of(b"gs://bucket/name.pdf") is uri_of(Path("gs:/a")) is None
