"""Receives a submission's body: the document streams into the blob store while it comes, options are collected.

Two shapes: multipart/form-data with one part ``file`` and the options as further fields in any order, or the raw
document with its options in the query.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass

from cluster.blobs.port import BlobStore
from cluster.callback_url import CallbackTerms
from cluster.errors import BodyMalformed, FileEmpty, FileMissing, FileTooLarge, OptionInvalid
from cluster.options import ALLOWED, NO_CALLBACKS, NO_LANGUAGES, parse_options
from serve_app.document_stream import Place, StoredDocument, store_document
from serve_app.filenames import display_name
from serve_app.incoming_body import IncomingBody
from serve_app.limits import Limits
from serve_app.multipart_parts import PartBegan, PartData, PartEvent, boundary_of, parts
from serve_app.upload_budget import UploadBudget

MEGABYTE = 1 << 20
MAX_FIELD_BYTES = 64 << 10
"""All option fields of one form together."""
FORM_OVERHEAD = 256 << 10
"""What a form may weigh beside its document: fields, part headers, boundaries, preamble and epilogue."""


@dataclass(frozen=True, slots=True)
class ReceivedUpload:
    """filename: fit for display. fields: the options as the client sent them, each once.

    upload_id: the resumable upload that the document was copied from. source_uri: where the job is to fetch it; its
    kind and size are not known then, and its sha256 is the address's. source_limit: the most bytes that the caller may
    have fetched, None where only the server's own limit holds.
    """

    filename: str
    document: StoredDocument
    fields: Mapping[str, str]
    upload_id: str | None = None
    source_uri: str | None = None
    source_limit: int | None = None


class Uploads:
    """max_megabytes: the largest document of one request. engines: those that may be named, the default first.

    callbacks, readable: as for ``parse_options``.
    """

    def __init__(
        self,
        store: BlobStore,
        budget: UploadBudget,
        max_megabytes: int,
        engines: Sequence[str],
        callbacks: CallbackTerms = NO_CALLBACKS,
        readable: Mapping[str, Sequence[str]] = NO_LANGUAGES,
    ) -> None:
        self._engines = engines
        self._callbacks = callbacks
        self._readable = readable
        self._store = store
        self._budget = budget
        self._limit = max_megabytes * MEGABYTE
        self._past_limit = (
            f"The file is larger than {max_megabytes} MB, the limit for one request; a larger one may come as a "
            "resumable upload to /api/uploads (tus)."
        )

    def limited(self, limits: Limits) -> Uploads:
        """The same, for a caller whose own limits are narrower."""
        if limits.most_bytes is None or limits.most_bytes >= self._limit:
            return self
        mine = copy(self)
        mine._limit, mine._past_limit = limits.most_bytes, limits.too_large.detail
        return mine

    async def receive(self, body: IncomingBody, query: Mapping[str, str], place: Place) -> ReceivedUpload:
        """Stores the document under the name that ``place`` answers; query: options of the query string.

        FileMissing, FileEmpty, FileTooLarge, MediaTypeUnsupported, OptionInvalid, BodyMalformed, Overloaded.
        """
        form = body.media_type.startswith("multipart/")
        most = self._limit + (FORM_OVERHEAD if form else 0)
        if body.content_length is not None and body.content_length > most:
            raise self._too_large
        with self._budget.reserve(most if body.content_length is None else body.content_length):
            async with aclosing(body.pieces(most, self._too_large)) as pieces:
                if form:
                    return await self._receive_form(body, pieces, query, place)
                return await self._receive_raw(body, pieces, query, place)

    async def _receive_raw(
        self, body: IncomingBody, pieces: AsyncIterator[bytes], query: Mapping[str, str], place: Place
    ) -> ReceivedUpload:
        fields = dict(query)
        filename = display_name(fields.pop("filename", None))
        self._check(fields)
        try:
            document = await self._store_document(pieces, place)
        except FileEmpty:
            raise FileEmpty if body.media_type else FileMissing from None
        return ReceivedUpload(filename, document, fields)

    async def _receive_form(
        self, body: IncomingBody, pieces: AsyncIterator[bytes], query: Mapping[str, str], place: Place
    ) -> ReceivedUpload:
        if body.media_type != "multipart/form-data":
            raise BodyMalformed(f"The body is {body.media_type[:60]}; send multipart/form-data.")
        fields = _Fields(query)
        received: tuple[str, StoredDocument] | None = None
        async with aclosing(parts(pieces, boundary_of(body.content_type))) as events:
            async for event in events:
                if not isinstance(event, PartBegan):
                    continue
                if event.name != "file":
                    await fields.read(event, _content(events))
                elif received is not None:
                    raise OptionInvalid("`file` is sent twice; a job has one document.")
                else:
                    self._check(fields.values)
                    document = await self._store_document(_content(events), place)
                    received = display_name(event.filename), document
        if received is None:
            raise FileMissing
        return ReceivedUpload(*received, fields.values)

    def _check(self, fields: Mapping[str, str]) -> None:
        """What is wrong already is refused before a byte is stored."""
        parse_options(fields, self._engines, self._callbacks, self._readable)

    @property
    def _too_large(self) -> FileTooLarge:
        """One for each request: an error keeps all that the requests held by which it was raised."""
        return FileTooLarge(self._past_limit)

    async def _store_document(self, pieces: AsyncIterator[bytes], place: Place) -> StoredDocument:
        return await store_document(self._store, pieces, place, self._limit, self._too_large)


class _Fields:
    """The option fields of a form: known names, each once, small."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)
        self._size = 0

    async def read(self, part: PartBegan, content: AsyncIterator[bytes]) -> None:
        if part.name in self.values:
            raise OptionInvalid(f"`{part.name[:60]}` is sent twice.")
        if part.filename is not None:
            raise OptionInvalid(f"The part `{part.name[:60]}` carries a file; send the document as `file`.")
        if part.name not in ALLOWED:
            parse_options({part.name: ""})
        value = bytearray()
        async for piece in content:
            self._size += len(piece)
            if self._size > MAX_FIELD_BYTES:
                raise OptionInvalid(f"The option fields are larger than {MAX_FIELD_BYTES >> 10} KB together.")
            value += piece
        try:
            self.values[part.name] = value.decode()
        except UnicodeDecodeError:
            raise OptionInvalid(f"`{part.name}` is not UTF-8 text.") from None


async def _content(events: AsyncGenerator[PartEvent, None]) -> AsyncGenerator[bytes, None]:
    """The data of the part that has just begun, up to its end."""
    async for event in events:
        if not isinstance(event, PartData):
            return
        yield event.data
