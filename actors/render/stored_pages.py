"""A job's stored page results in order, for the outputs that are joined of them.

They are read a few ahead of who takes them: of the whole document only page numbers are in memory. On the way, each
page's text file is written from the stored result where it is missing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

from actors.outputs.page import OutputPage
from actors.render.protocol import AssembleRequest
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.page_text import decode_result
from cluster.record import ErrorInfo

_LISTED_AT_ONCE = 1000


async def stored_pages(
    store: BlobStore, request: AssembleRequest, pages_at_once: int
) -> AsyncGenerator[OutputPage, None]:
    """Every page in order, failed ones among them. BlobNotFound, BlobCorrupt where a result is gone or unreadable."""
    failed = dict(request.failed)
    with_text = await _pages_with_text(store, request.prefix)
    ahead: deque[asyncio.Task[OutputPage]] = deque()
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
    store: BlobStore, prefix: str, number: int, error: ErrorInfo | None, with_text: set[int]
) -> Coroutine[Any, Any, OutputPage]:
    return _missing_page(number, error) if error else _stored_page(store, prefix, number, number in with_text)


async def _missing_page(number: int, error: ErrorInfo) -> OutputPage:
    return OutputPage(number, None, error)


async def _stored_page(store: BlobStore, prefix: str, number: int, has_text: bool) -> OutputPage:
    result = decode_result((await store.read(layout.page_result(prefix, number))).data)
    if not has_text:
        await store.put(layout.page_text(prefix, number), result.read.text.encode("utf-8", "replace"))
    return OutputPage(number, result)


async def _pages_with_text(store: BlobStore, prefix: str) -> set[int]:
    """The pages whose text file is stored, from one listing."""
    found: set[int] = set()
    start = ""
    while True:
        infos = await store.list(layout.pages(prefix), start, _LISTED_AT_ONCE)
        for info in infos:
            if (page := layout.page_of_text(prefix, info.name)) is not None:
                found.add(page)
        if len(infos) < _LISTED_AT_ONCE:
            return found
        start = infos[-1].name + "\0"
