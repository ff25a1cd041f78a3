from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator

import pytest

from serve_app.zip_stream import Entry, zip_stream

NOON = (2026, 1, 31, 12, 0, 0)


class Pieces:
    """What a blob is read from. fail: after its pieces. closed: whether it was let go of."""

    def __init__(self, *pieces: bytes, fail: bool = False) -> None:
        self._pieces = list(pieces)
        self._fail = fail
        self.closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._pieces:
            return self._pieces.pop(0)
        if self._fail:
            raise OSError("gone")
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed = True


async def entries(*made: Entry) -> AsyncIterator[Entry]:
    for entry in made:
        yield entry


async def whole(*made: Entry) -> bytes:
    return b"".join([piece async for piece in zip_stream(entries(*made), NOON)])


async def test_entries_come_back_as_they_were() -> None:
    data = await whole(
        Entry("a.txt", 5, Pieces(b"some", b"!")),
        Entry("images/Überschrift.png", 3, Pieces(b"\x00\x01\x02")),
        Entry("empty", 0, Pieces()),
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["a.txt", "images/Überschrift.png", "empty"]
        assert archive.read("a.txt") == b"some!"
        info = archive.getinfo("images/Überschrift.png")
        assert (info.date_time, info.compress_type, info.file_size) == (NOON, zipfile.ZIP_STORED, 3)


async def test_no_entries_are_an_empty_archive() -> None:
    with zipfile.ZipFile(io.BytesIO(await whole())) as archive:
        assert archive.namelist() == []


async def test_large_entries_have_the_larger_headers() -> None:
    """By the size that is known before; what really comes may be less."""
    data = await whole(Entry("large", 5 << 30, Pieces(b"some")), Entry("small", 4, Pieces(b"some")))
    assert data.count(b"\x50\x4b\x07\x08") == 2
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.getinfo("large").extract_version >= zipfile.ZIP64_VERSION
        assert archive.read("large") == archive.read("small") == b"some"


async def test_an_entry_that_fails_leaves_no_whole_archive() -> None:
    pieces, sent = Pieces(b"some", fail=True), b""
    with pytest.raises(OSError, match="gone"):  # noqa: PT012
        async for piece in zip_stream(entries(Entry("a", 4, Pieces(b"a")), Entry("b", 4, pieces)), NOON):
            sent += piece
    assert b"some" in sent
    assert not zipfile.is_zipfile(io.BytesIO(sent))
    assert pieces.closed


async def test_who_goes_away_lets_go_of_the_entry_being_sent() -> None:
    pieces = Pieces(b"some", b"more")
    stream = zip_stream(entries(Entry("a", 8, pieces)), NOON)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    assert pieces.closed


async def test_nothing_is_kept_of_what_was_sent() -> None:
    """Each piece leaves as it came, with a header before the first."""
    sizes = [
        len(piece) async for piece in zip_stream(entries(Entry("a", 10 << 20, Pieces(*[bytes(1 << 20)] * 10))), NOON)
    ]
    assert max(sizes) < (1 << 20) + 200
