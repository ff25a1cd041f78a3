"""Joining stored page results to one output.

``txt``: the pages' texts, each ending with a line break; between two pages a line that begins with a form feed.
``md``: before each page an HTML comment with its number, ``<!-- page 3 -->``, which a reader of the rendered text does
not see and a program can split at; then the page's Markdown, or its text where the engine gives none; a blank line
around both.

A page that could not be read leaves a line that says so in its place. On the way, a page's text file that a crash has
kept from being written is written from the stored result.

Pages are read a few at a time and streamed: of the whole document only page numbers are in memory.
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
from cluster.errors import FormatNotAvailable
from cluster.page_text import PageText, decode_result

_CHUNK = 256 * 1024
_LISTED_AT_ONCE = 1000


async def assemble(store: BlobStore, request: AssembleRequest, *, pages_at_once: int) -> None:
    """Writes ``request.output``. An output that exists is what an earlier attempt wrote, and is left as it is.

    FormatNotAvailable for any but ``txt`` and ``md``; BlobNotFound or BlobCorrupt where a result is gone or unreadable.
    """
    join = _JOINS.get(request.format)
    if join is None:
        raise FormatNotAvailable(f"There is no output in the format `{request.format}`.")
    if any(info.name == request.output for info in await store.list(request.output, limit=1)):
        return
    texts = _read_pages(store, request, pages_at_once)
    async with aclosing(texts), aclosing(_chunks(join(texts))) as chunks:
        await store.put_stream(request.output, chunks, durable=True)


Page = tuple[int, PageText]


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
