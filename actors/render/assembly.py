"""Joining stored page results to the job's outputs, all of them in one pass over the pages.

``txt``: the pages' texts, each ending with a line break; between two pages a line that begins with a form feed.
``md``: before each page an HTML comment with its number, ``<!-- page 3 -->``, which a reader of the rendered text does
not see and a program can split at; then the page's Markdown, or its text where the engine gives none; a blank line
around both.

A page that could not be read leaves a line that says so in its place. On the way, each page's text file is written from
the stored result where it is missing.

Pages are read a few at a time and streamed to the outputs: of the whole document only page numbers are in memory. An
output that fails does not keep the others from being made.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from typing import Any

from actors.render.protocol import AssembleRequest
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobConflict, FormatNotAvailable, GnosisError
from cluster.page_text import PageText, decode_result

_CHUNK = 256 * 1024
_LISTED_AT_ONCE = 1000

Page = tuple[int, PageText]
Pages = asyncio.Queue[Page | None]
"""Pages on their way to one output; None ends them."""


async def assemble(store: BlobStore, request: AssembleRequest, *, pages_at_once: int) -> dict[str, GnosisError]:
    """Creates the outputs; one that exists is what an earlier attempt wrote, and is left as it is.

    Returns the formats that could not be made, and why: FormatNotAvailable for any but ``txt`` and ``md``, BlobErrors.
    Raises BlobNotFound or BlobCorrupt where a result is gone or unreadable: then none is made.
    """
    failed: dict[str, GnosisError] = {
        name: FormatNotAvailable(f"There is no output in the format `{name}`.")
        for name, _ in request.outputs
        if name not in _JOINS
    }
    standing = {info.name for info in await store.list(layout.outputs(request.prefix))}
    missing = {name: blob for name, blob in request.outputs if name in _JOINS and blob not in standing}
    queues: dict[str, Pages] = {name: asyncio.Queue(pages_at_once) for name in missing}
    writing = {name: asyncio.create_task(_write(store, name, blob, queues[name])) for name, blob in missing.items()}
    try:
        if missing:
            await _feed(_read_pages(store, request, pages_at_once), list(queues.values()))
        for name, task in writing.items():
            if (error := await task) is not None:
                failed[name] = error
    finally:
        for task in writing.values():
            task.cancel()
        await asyncio.gather(*writing.values(), return_exceptions=True)
    return failed


async def _feed(pages: AsyncGenerator[Page, None], queues: list[Pages]) -> None:
    async with aclosing(pages):
        async for page in pages:
            for queue in queues:
                await queue.put(page)
    for queue in queues:
        await queue.put(None)


async def _write(store: BlobStore, name: str, blob: str, queue: Pages) -> GnosisError | None:
    """One output; what goes wrong with it is returned. The queue is read to its end, so that the others go on."""
    pages = _queued(queue)
    try:
        async with aclosing(_chunks(_JOINS[name](pages))) as chunks:
            await _store(store, blob, chunks)
    except Exception as error:  # whatever it is: the pages must go on to the others
        async for _ in _queued(queue):
            continue
        return error if isinstance(error, GnosisError) else GnosisError(f"{type(error).__name__} {error}")
    return None


async def _queued(queue: Pages) -> AsyncGenerator[Page, None]:
    while (page := await queue.get()) is not None:
        yield page
    queue.put_nowait(None)  # for whoever reads on after the end


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


async def _join_text(pages: AsyncGenerator[Page, None]) -> AsyncGenerator[str, None]:
    first = True
    async for _, read in pages:
        yield ("" if first else "\f\n") + _ended(read.text)
        first = False


async def _join_markdown(pages: AsyncGenerator[Page, None]) -> AsyncGenerator[str, None]:
    first = True
    async for number, read in pages:
        body = read.text if read.markdown is None else read.markdown
        yield ("" if first else "\n") + f"<!-- page {number} -->\n" + (f"\n{_ended(body)}" if body else "")
        first = False


_JOINS: dict[str, Callable[[AsyncGenerator[Page, None]], AsyncGenerator[str, None]]] = {
    "txt": _join_text,
    "md": _join_markdown,
}


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


async def _chunks(parts: AsyncGenerator[str, None]) -> AsyncGenerator[bytes, None]:
    """At least one, which may be empty."""
    chunk = bytearray()
    async for part in parts:
        chunk += part.encode("utf-8", "replace")
        if len(chunk) >= _CHUNK:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


async def _read_pages(store: BlobStore, request: AssembleRequest, pages_at_once: int) -> AsyncGenerator[Page, None]:
    """Every page in order, ``pages_at_once`` of them being read ahead."""
    failed = dict(request.failed)
    with_text = await _pages_with_text(store, request.prefix)
    ahead: deque[asyncio.Task[Page]] = deque()
    try:
        for number in sorted({*request.pages, *failed}):
            ahead.append(asyncio.create_task(_page(store, request.prefix, number, failed.get(number), with_text)))
            if len(ahead) >= pages_at_once:
                yield await ahead.popleft()
        while ahead:
            yield await ahead.popleft()
    finally:
        for task in ahead:
            task.cancel()
        await asyncio.gather(*ahead, return_exceptions=True)


def _page(
    store: BlobStore, prefix: str, number: int, failure: str | None, with_text: set[int]
) -> Coroutine[Any, Any, Page]:
    return _missing_page(number, failure) if failure else _stored_page(store, prefix, number, number in with_text)


async def _missing_page(number: int, code: str) -> Page:
    return number, PageText(f"[page {number} could not be read: {code}]")


async def _stored_page(store: BlobStore, prefix: str, number: int, has_text: bool) -> Page:
    read = decode_result((await store.read(layout.page_result(prefix, number))).data).read
    if not has_text:
        await store.put(layout.page_text(prefix, number), read.text.encode("utf-8", "replace"))
    return number, read


async def _pages_with_text(store: BlobStore, prefix: str) -> set[int]:
    """The pages whose text file is stored, from one listing."""
    found: set[int] = set()
    start = ""
    while True:
        infos = await store.list(f"{prefix}page_", start, _LISTED_AT_ONCE)
        for info in infos:
            if info.name.endswith(".txt"):
                page = layout.page_of_result(prefix, info.name.removesuffix(".txt") + ".json")
                if page is not None:
                    found.add(page)
        if len(infos) < _LISTED_AT_ONCE:
            return found
        start = infos[-1].name + "\0"
