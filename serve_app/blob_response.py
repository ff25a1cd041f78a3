"""A blob as a response body, in pieces, with bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from cluster.blobs.port import BlobStore

PIECE_BYTES = 256 << 10


class _PiecesResponse(StreamingResponse):
    """Closes what the pieces come from also where the client goes away in the middle."""

    def __init__(self, first: bytes, rest: AsyncIterator[bytes], media_type: str, headers: Mapping[str, str]) -> None:
        self._rest = rest
        super().__init__(_joined(first, rest), headers=headers, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await close_pieces(self._rest)


async def blob_response(
    request: Request, store: BlobStore, name: str, media_type: str, headers: Mapping[str, str]
) -> Response:
    """Answers with the blob; BlobNotFound is raised here, before the response has started."""
    return await pieces_response(request, store.open_read(name, PIECE_BYTES), media_type, headers)


async def pieces_response(
    request: Request, pieces: AsyncIterator[bytes], media_type: str, headers: Mapping[str, str]
) -> Response:
    """Answers with the pieces; what the first of them raises is raised here, before the response has started."""
    first = await anext(pieces, b"")
    if request.method == "HEAD":
        await close_pieces(pieces)
        response = Response(headers=headers, media_type=media_type)
        del response.headers["content-length"]  # of the body that GET would give, which is not known
        return response
    return _PiecesResponse(first, pieces, media_type, headers)


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def close_pieces(pieces: AsyncIterator[Any]) -> None:
    """Whatever they come from is let go of."""
    close = getattr(pieces, "aclose", None)  # async generators have it, the port's iterator need not
    if close is not None:
        await close()
