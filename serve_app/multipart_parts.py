"""A multipart/form-data body as a stream of facts about its parts, with bounded memory.

python-multipart's parser calls back in the middle of ``write``; here its calls become a list of facts for each piece
of the body, so that the reader can pull them, wait for the blob store in between, and stop at any point.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from cluster.errors import BodyMalformed

MAX_HEADER_BYTES = 20_000
"""Of one header line: leaves room for long file names, which browsers send as raw UTF-8."""

MAX_PART_HEADERS = 16
MAX_PARTS = 100
"""Far more than there are options."""

_PLAIN_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class PartBegan:
    """A part with its headers. filename: as the client spelled it, None for a plain field."""

    name: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class PartData:
    data: bytes


@dataclass(frozen=True, slots=True)
class PartEnded:
    pass


PartEvent = PartBegan | PartData | PartEnded


def boundary_of(content_type: str) -> bytes:
    """The boundary that a Content-Type header names. BodyMalformed."""
    boundary = parse_options_header(content_type)[1].get(b"boundary")
    if not boundary:
        raise BodyMalformed("The Content-Type multipart/form-data names no boundary.")
    return boundary


async def parts(pieces: AsyncIterator[bytes], boundary: bytes) -> AsyncGenerator[PartEvent, None]:
    """The facts of each part in order: began, data (any number), ended. BodyMalformed, as where the end is missing."""
    parser = _PartParser(boundary)
    async for piece in pieces:
        for event in parser.feed(piece):
            yield event
    if not parser.ended:
        raise BodyMalformed("The multipart body breaks off before its closing boundary.")


class _PartParser:
    """Turns the parser's calls into a list of facts for each piece fed."""

    def __init__(self, boundary: bytes) -> None:
        self.ended = False
        self._parts = 0
        self._events: list[PartEvent] = []
        self._headers: dict[str, bytes] = {}
        self._field = bytearray()
        self._value = bytearray()
        callbacks = {
            "on_part_begin": self._begin_part,
            "on_part_data": lambda data, start, end: self._events.append(PartData(data[start:end])),
            "on_part_end": lambda: self._events.append(PartEnded()),
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks, max_header_size=MAX_HEADER_BYTES)  # type: ignore[arg-type]
        except FormParserError as error:
            raise BodyMalformed(f"The multipart body can't be read: {error}.") from error

    def feed(self, piece: bytes) -> list[PartEvent]:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise BodyMalformed(f"The multipart body can't be read: {error}.") from error
        events, self._events = self._events, []
        return events

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise BodyMalformed(f"The form has more than {MAX_PARTS} parts.")
        self._headers.clear()

    def _end_header(self) -> None:
        if len(self._headers) >= MAX_PART_HEADERS:
            raise BodyMalformed(f"A part has more than {MAX_PART_HEADERS} headers.")
        self._headers[self._field.decode("latin-1").lower()] = bytes(self._value)
        self._field.clear()
        self._value.clear()

    def _end_headers(self) -> None:
        encoding = self._headers.get("content-transfer-encoding", b"").decode("latin-1").strip().lower()
        if encoding not in _PLAIN_ENCODINGS:
            raise BodyMalformed("A part has a Content-Transfer-Encoding; send its bytes as they are.")
        kind, parameters = parse_options_header(self._headers.get("content-disposition", b""))
        name = parameters.get(b"name")
        if kind != b"form-data" or name is None:
            raise BodyMalformed("A part has no `Content-Disposition: form-data` with a name.")
        filename = parameters.get(b"filename")
        self._events.append(PartBegan(_text(name), None if filename is None else _text(filename)))

    def _end(self) -> None:
        self.ended = True


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")
