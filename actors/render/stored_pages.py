"""A job's stored page results in order, for the outputs that are joined of them.

They come in groups, each read while the one before it is put to use: of the whole document only page numbers are in
memory. On the way, each page's text file is written from the stored result where it is missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from actors.outputs.page import OutputPage
from actors.render.protocol import AssembleRequest
from cluster import layout
from cluster.blobs.port import BlobStore
from cluster.errors import BlobConflict
from cluster.page_text import decode_result
from cluster.record import ErrorInfo

_LISTED_AT_ONCE = 1000

PageGroup = Sequence[OutputPage]


async def stored_pages(
    store: BlobStore, request: AssembleRequest, pages_at_once: int
) -> AsyncGenerator[PageGroup, None]:
    """Every page in order, failed ones among them, in groups of up to ``pages_at_once``.

    BlobNotFound, BlobCorrupt where a result is gone or unreadable.
    """
    failed = dict(request.failed)
    numbers = sorted({*request.pages, *failed})
    groups = [numbers[start : start + pages_at_once] for start in range(0, len(numbers), pages_at_once)]
    # What a listing would tell of a few pages their writes tell as well.
    with_text = await _pages_with_text(store, request.prefix) if len(groups) > 1 else frozenset()
    reading: asyncio.Task[PageGroup] | None = None
    try:
        for group in groups:
            before = None if reading is None else await reading
            reading = asyncio.create_task(_group(store, request.prefix, group, failed, with_text))
            if before is not None:
                yield before
        if reading is not None:
            yield await reading
    finally:
        if reading is not None:
            await _ended([reading])


async def _group(
    store: BlobStore, prefix: str, numbers: Sequence[int], failed: Mapping[int, ErrorInfo], with_text: frozenset[int]
) -> PageGroup:
    read = [n for n in numbers if n not in failed]
    tasks = [asyncio.create_task(_stored_page(store, prefix, n, n in with_text)) for n in read]
    try:
        pages = {n: await task for n, task in zip(read, tasks, strict=True)}
    finally:
        await _ended(tasks)
    return [pages[n] if n in pages else OutputPage(n, None, failed[n]) for n in numbers]


async def _stored_page(store: BlobStore, prefix: str, number: int, has_text: bool) -> OutputPage:
    result = decode_result((await store.read(layout.page_result(prefix, number))).data)
    if not has_text:
        with suppress(BlobConflict):  # it is there
            text = result.read.text.encode("utf-8", "replace")
            await store.create(layout.page_text(prefix, number), text, durable=False)
    return OutputPage(number, result)


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _pages_with_text(store: BlobStore, prefix: str) -> frozenset[int]:
    """The pages whose text file is stored, from one listing."""
    found: set[int] = set()
    start = ""
    while True:
        infos = await store.list(layout.pages(prefix), start, _LISTED_AT_ONCE)
        for info in infos:
            if (page := layout.page_of_text(prefix, info.name)) is not None:
                found.add(page)
        if len(infos) < _LISTED_AT_ONCE:
            return frozenset(found)
        start = infos[-1].name + "\0"
