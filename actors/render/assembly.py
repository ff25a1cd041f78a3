"""Joining stored page results to the job's outputs, all of them in one pass over the pages.

What an output looks like is told by its writer (actors/outputs/writer.py); the searchable PDF is made of the document,
by whoever calls this (actors/render/searchable_pdf.py). Pages are streamed to all outputs at once, and each output to
the blob store. An output that fails does not keep the others from being made.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import partial

from actors.outputs.page import OutputDocument, OutputPage
from actors.outputs.writer import WRITERS, OutputWriter
from actors.render.judged_pages import judged_pages
from actors.render.protocol import AssembleRequest
from actors.render.stored_pages import stored_pages
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobConflict, FormatNotAvailable, GnosisError

_CHUNK = 256 * 1024

PageStream = AsyncGenerator[OutputPage, None]
Pages = asyncio.Queue[OutputPage | None]
"""Pages on their way to one output; None ends them."""

Join = Callable[[AssembleRequest, PageStream], AsyncGenerator[bytes, None]]
"""Makes an output of the pages: its pieces, at least one, which may be empty. Raises where it can't."""


async def assemble(
    store: BlobStore, request: AssembleRequest, *, pages_at_once: int, joins: Mapping[str, Join] | None = None
) -> dict[str, GnosisError]:
    """Creates the outputs; one that exists is what an earlier attempt wrote, and is left as it is.

    joins: how further formats are made. Returns the formats that could not be made, and why: FormatNotAvailable where
    another attempt would end the same, BlobErrors and others. Raises BlobNotFound or BlobCorrupt where a result is gone
    or unreadable: then none is made.
    """
    known: dict[str, Join] = {**{name: partial(_written, name) for name in WRITERS}, **(joins or {})}
    failed: dict[str, GnosisError] = {
        name: FormatNotAvailable(f"There is no output in the format `{name}`.")
        for name, _ in request.outputs
        if name not in known
    }
    standing = {info.name for info in await store.list(layout.outputs(request.prefix))}
    missing = {name: blob for name, blob in request.outputs if name in known and blob not in standing}
    queues: dict[str, Pages] = {name: asyncio.Queue(pages_at_once) for name in missing}
    writing = {
        name: asyncio.create_task(_write(store, known[name], request, blob, queues[name]))
        for name, blob in missing.items()
    }
    try:
        if missing:
            await _feed(judged_pages(stored_pages(store, request, pages_at_once)), list(queues.values()))
        for name, task in writing.items():
            if (error := await task) is not None:
                failed[name] = error
    finally:
        for task in writing.values():
            task.cancel()
        await asyncio.gather(*writing.values(), return_exceptions=True)
    return failed


async def _feed(pages: PageStream, queues: list[Pages]) -> None:
    async with aclosing(pages):
        async for page in pages:
            for queue in queues:
                await queue.put(page)
    for queue in queues:
        await queue.put(None)


async def _write(store: BlobStore, join: Join, request: AssembleRequest, blob: str, queue: Pages) -> GnosisError | None:
    """One output; what goes wrong with it is returned. The queue is read to its end, so that the others go on."""
    pages = _queued(queue)
    try:
        async with aclosing(join(request, pages)) as chunks:
            await _store(store, blob, chunks)
    except Exception as error:  # whatever it is: the pages must go on to the others
        async for _ in _queued(queue):
            continue
        return error if isinstance(error, GnosisError) else GnosisError(f"{type(error).__name__} {error}")
    return None


async def _queued(queue: Pages) -> PageStream:
    while (page := await queue.get()) is not None:
        yield page
    queue.put_nowait(None)  # for whoever reads on after the end


async def _written(name: str, request: AssembleRequest, pages: PageStream) -> AsyncGenerator[bytes, None]:
    kind = request.document.file_type if request.document is not None else ""
    writer = WRITERS[name](OutputDocument(request.job_id, request.filename, kind, request.total_pages))
    async with aclosing(_chunks(_parts(writer, pages))) as chunks:
        async for chunk in chunks:
            yield chunk


async def _parts(writer: OutputWriter, pages: PageStream) -> AsyncGenerator[bytes, None]:
    yield writer.begin()
    async for page in pages:
        yield writer.page(page)
    yield writer.end()


async def _chunks(parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """At least one, which may be empty."""
    chunk = bytearray()
    async with aclosing(parts):
        async for part in parts:
            chunk += part
            if len(chunk) >= _CHUNK:
                yield bytes(chunk)
                chunk.clear()
    yield bytes(chunk)


async def _store(store: BlobStore, blob: str, chunks: AsyncGenerator[bytes, None]) -> None:
    """A short output goes in one piece, which is created as the pages' results are; a long one is streamed."""
    first = await anext(chunks)
    second = await anext(chunks, None)
    if second is not None:
        await store.put_stream(blob, _chained(first, second, chunks), durable=True)
        return
    try:
        await store.create(blob, first)
    except BlobConflict:
        return  # another attempt was quicker


async def _chained(first: bytes, second: bytes, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    yield first
    yield second
    async for chunk in chunks:
        yield chunk
