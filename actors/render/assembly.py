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
from actors.outputs.writer import WRITERS
from actors.render.judged_pages import judged_pages
from actors.render.protocol import AssembleRequest
from actors.render.stored_pages import PageGroup, stored_pages
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobConflict, FormatNotAvailable, GnosisError

_CHUNK = 256 * 1024

_TURN = 32 * 1024
"""So many bytes of an output are made in one go; then others of this process have their turn."""

GROUPS_WAITING = 1

PageStream = AsyncGenerator[OutputPage, None]
Groups = AsyncGenerator[PageGroup, None]
Queue = asyncio.Queue[PageGroup | None]
"""Pages on their way to one output, in groups; None ends them."""

Join = Callable[[AssembleRequest, PageStream], AsyncGenerator[bytes, None]]
"""Makes an output of the pages: its pieces, at least one, which may be empty. Raises where it can't."""

Make = Callable[[AssembleRequest, Groups], AsyncGenerator[bytes, None]]
"""The same, of pages in groups."""


async def assemble(
    store: BlobStore, request: AssembleRequest, *, pages_at_once: int, joins: Mapping[str, Join] | None = None
) -> dict[str, GnosisError]:
    """Creates the outputs; one that exists is what an earlier attempt wrote, and is left as it is.

    joins: how further formats are made. Returns the formats that could not be made, and why: FormatNotAvailable where
    another attempt would end the same, BlobErrors and others. Raises BlobNotFound or BlobCorrupt where a result is gone
    or unreadable: then none is made.
    """
    known: dict[str, Make] = {name: partial(_written, name) for name in WRITERS}
    known |= {name: partial(_one_by_one, join) for name, join in (joins or {}).items()}
    failed: dict[str, GnosisError] = {
        name: FormatNotAvailable(f"There is no output in the format `{name}`.")
        for name, _ in request.outputs
        if name not in known
    }
    standing = {info.name for info in await store.list(layout.outputs(request.prefix))}
    missing = {name: blob for name, blob in request.outputs if name in known and blob not in standing}
    queues: dict[str, Queue] = {name: asyncio.Queue(GROUPS_WAITING) for name in missing}
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


async def _feed(groups: Groups, queues: list[Queue]) -> None:
    async with aclosing(groups):
        async for group in groups:
            for queue in queues:
                await queue.put(group)
    for queue in queues:
        await queue.put(None)


async def _write(store: BlobStore, make: Make, request: AssembleRequest, blob: str, queue: Queue) -> GnosisError | None:
    """One output; what goes wrong with it is returned. The queue is read to its end, so that the others go on."""
    try:
        async with aclosing(make(request, _queued(queue))) as chunks:
            await _store(store, blob, chunks)
    except Exception as error:  # whatever it is: the pages must go on to the others
        async for _ in _queued(queue):
            continue
        return error if isinstance(error, GnosisError) else GnosisError(f"{type(error).__name__} {error}")
    return None


async def _queued(queue: Queue) -> Groups:
    while (group := await queue.get()) is not None:
        yield group
    queue.put_nowait(None)  # for whoever reads on after the end


async def _one_by_one(join: Join, request: AssembleRequest, groups: Groups) -> AsyncGenerator[bytes, None]:
    async with aclosing(join(request, _pages(groups))) as chunks:
        async for chunk in chunks:
            yield chunk


async def _pages(groups: Groups) -> PageStream:
    async for group in groups:
        for page in group:
            yield page


async def _written(name: str, request: AssembleRequest, groups: Groups) -> AsyncGenerator[bytes, None]:
    """Pieces of about _CHUNK; at least one, which may be empty."""
    kind = request.document.file_type if request.document is not None else ""
    writer = WRITERS[name](OutputDocument(request.job_id, request.filename, kind, request.total_pages))
    chunk = bytearray(writer.begin())
    made = 0
    async for group in groups:
        for page in group:
            part = writer.page(page)
            chunk += part
            made += len(part)
            if len(chunk) >= _CHUNK:
                yield bytes(chunk)
                chunk.clear()
            if made >= _TURN:
                made = 0
                await asyncio.sleep(0)
    chunk += writer.end()
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
