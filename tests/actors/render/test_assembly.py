"""Joining results."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Iterable

import pytest

from actors.render.assembly import assemble
from actors.render.protocol import AssembleRequest
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.blobs.port import Blob, BlobInfo
from cluster.errors import BlobCorrupt, BlobForbidden, BlobNotFound, FormatNotAvailable
from cluster.page_text import Line, PageResult, PageText, encode_result
from cluster.record import ErrorInfo

PREFIX = "users/u/jobs/job-1/"


async def stored(store: MemoryBlobStore, page: int, read: PageText, *, with_text: bool = True) -> None:
    result = PageResult("job-1", page, 1, 1, 1, 612, 792, None, 0, 0, read)
    await store.create(layout.page_result(PREFIX, page), encode_result(result))
    if with_text:
        await store.put(layout.page_text(PREFIX, page), read.text.encode())


def output(kind: str) -> str:
    return layout.output(PREFIX, 1, 2, kind)


def order(kinds: str, pages: Iterable[int], failed: tuple[tuple[int, str], ...] = ()) -> AssembleRequest:
    """kinds: formats with spaces between."""
    outputs = tuple((kind, output(kind)) for kind in kinds.split())
    errors = tuple((page, ErrorInfo(code, "No.")) for page, code in failed)
    return AssembleRequest("job-1", PREFIX, tuple(pages), errors, outputs)


async def joined(store: MemoryBlobStore, request: AssembleRequest, pages_at_once: int = 4) -> str:
    """Its one output."""
    assert await assemble(store, request, pages_at_once=pages_at_once) == {}
    [(_, blob)] = request.outputs
    return (await store.read(blob)).data.decode()


async def test_text_has_a_form_feed_between_pages(store: MemoryBlobStore) -> None:
    for page, text in ((1, "one\nmore"), (2, ""), (4, "naïve 漢字\n")):
        await stored(store, page, PageText(text))
    request = order("txt", (1, 2, 3, 4), ((3, "engine_failed"),))
    assert await joined(store, request) == (
        "one\nmore\n\f\n\f\n[page 3 could not be read: engine_failed]\n\f\nnaïve 漢字\n"
    )


async def test_markdown_names_every_page_and_prefers_the_engines_own(store: MemoryBlobStore) -> None:
    await stored(store, 1, PageText("plain", markdown="# Rich"))
    await stored(store, 2, PageText(""))
    await stored(store, 10, PageText("plain again"))
    request = order("md", (1, 2, 10), ((3, "page_too_large"),))
    assert await joined(store, request) == (
        "<!-- page 1 -->\n\n# Rich\n\n<!-- page 2 -->\n\n<!-- page 3 -->\n\n"
        "[page 3 could not be read: page_too_large]\n\n<!-- page 10 -->\n\nplain again\n"
    )


@pytest.mark.parametrize("kind", ["txt", "md"])
async def test_no_pages_give_an_empty_output(store: MemoryBlobStore, kind: str) -> None:
    assert await joined(store, order(kind, ())) == ""


async def test_an_output_that_exists_is_left_alone(store: MemoryBlobStore) -> None:
    request = order("txt", (1,))
    await store.create(output("txt"), b"from an earlier attempt")
    assert await joined(store, request) == "from an earlier attempt"
    # Another output whose name begins the same is not this one.
    await store.put(layout.output(PREFIX, 1, 2, "md") + "x", b"")
    await stored(store, 1, PageText("text"))
    assert await joined(store, order("md", (1,))) == "<!-- page 1 -->\n\ntext\n"


async def test_missing_text_files_are_written_and_others_left(store: MemoryBlobStore) -> None:
    await stored(store, 1, PageText("one"))
    await stored(store, 2, PageText("two"), with_text=False)
    await joined(store, order("txt", (1, 2)))
    assert (await store.read(layout.page_text(PREFIX, 2))).data == b"two"
    assert store.writes[layout.page_text(PREFIX, 1)] == 1
    assert store.writes[layout.page_text(PREFIX, 2)] == 1


async def test_a_missing_or_unreadable_result_raises_and_writes_no_output(store: MemoryBlobStore) -> None:
    await stored(store, 1, PageText("one"))
    with pytest.raises(BlobNotFound):
        await joined(store, order("txt", (1, 2)))
    await store.put(layout.page_result(PREFIX, 2), b"{}")
    with pytest.raises(BlobCorrupt):
        await joined(store, order("txt", (1, 2)))
    assert await store.list(layout.output(PREFIX, 1, 2, "txt")) == []
    assert len(asyncio.all_tasks()) == 1


async def test_both_outputs_take_one_pass(store: MemoryBlobStore) -> None:
    for page in (1, 2, 3):
        await stored(store, page, PageText(f"text {page}"))
    store.log.clear()
    assert await assemble(store, order("md txt", (1, 2, 3)), pages_at_once=2) == {}
    assert sum(done.operation == "read" for done in store.log) == 3
    assert (await store.read(output("txt"))).data == b"text 1\n\f\ntext 2\n\f\ntext 3\n"
    assert b"<!-- page 3 -->\n\ntext 3\n" in (await store.read(output("md"))).data


async def test_only_the_missing_output_is_made(store: MemoryBlobStore) -> None:
    await stored(store, 1, PageText("text"))
    await store.create(output("md"), b"from an earlier attempt")
    assert await assemble(store, order("md txt", (1,)), pages_at_once=2) == {}
    assert (await store.read(output("md"))).data == b"from an earlier attempt"
    assert (await store.read(output("txt"))).data == b"text\n"


async def test_other_formats_are_refused_and_the_others_made(store: MemoryBlobStore) -> None:
    await stored(store, 1, PageText("text"))
    failed = await assemble(store, order("hocr txt", (1,)), pages_at_once=4)
    assert list(failed) == ["hocr"]
    assert isinstance(failed["hocr"], FormatNotAvailable)
    assert (await store.read(output("txt"))).data == b"text\n"


async def test_a_writer_that_breaks_in_an_unforeseen_way_holds_nobody_up(
    store: MemoryBlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for page in range(1, 60):
        await stored(store, page, PageText("x" * 20_000))
    put_stream = store.put_stream

    async def breaks(name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        if name == output("md"):
            raise KeyError("x-goog-generation")
        return await put_stream(name, chunks, durable=durable)

    monkeypatch.setattr(store, "put_stream", breaks)
    async with asyncio.timeout(20):
        failed = await assemble(store, order("md txt", range(1, 60)), pages_at_once=2)
    assert list(failed) == ["md"]
    assert len((await store.read(output("txt"))).data) > 59 * 20_000


@pytest.mark.parametrize("text", ["short", "x" * 300_000])
@pytest.mark.parametrize("operation", ["create", "put_stream"])
async def test_an_output_that_fails_fails_alone(store: MemoryBlobStore, operation: str, text: str) -> None:
    """Whether it is written in one piece or streamed, at its end or while pages are still read."""
    for page in range(1, 8):
        await stored(store, page, PageText(text))
    store.fail(operation, output("md"), FaultKind.FORBIDDEN)
    failed = await assemble(store, order("md txt", range(1, 8)), pages_at_once=2)
    assert list(failed) == (["md"] if (operation == "put_stream") == (len(text) > 5) else [])
    assert all(isinstance(error, BlobForbidden) for error in failed.values())
    assert (await store.read(output("txt"))).data.decode() == "\n\f\n".join([text] * 7) + "\n"
    assert len(asyncio.all_tasks()) == 1


async def test_long_documents_are_joined_in_order_with_few_listings(store: MemoryBlobStore) -> None:
    """1,100 pages: page 1000 sorts before page 101 by name, and the listing has more than one part."""
    for page in range(1, 1101):
        await stored(store, page, PageText(f"text of {page}"), with_text=page % 2 == 0)
    store.log.clear()
    text = await joined(store, order("txt", range(1, 1101)))
    assert text.split("\n\f\n") == [f"text of {page}" for page in range(1, 1100)] + ["text of 1100\n"]
    assert sum(done.operation == "list" for done in store.log) == 3
    texts = [done for done in store.log if layout.page_of_text(PREFIX, done.name)]
    assert [done.operation for done in texts] == ["create"] * 550


class EndlessStore(MemoryBlobStore):
    """Has a result for every page that is asked for, and keeps nothing of what is written. sizes: of outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[str, int] = {}

    async def list(self, prefix: str, start: str = "", limit: int = 1000) -> list[BlobInfo]:
        return []

    async def read(self, name: str) -> Blob:
        page = layout.page_of_result(PREFIX, name)
        assert page is not None
        lines = tuple(
            Line(f"line {number} of page {page}", (10, 20 * number, 200, 20 * number + 9), 1) for number in (1, 2)
        )
        read = PageText("\n".join(line.text for line in lines), lines)
        return Blob(encode_result(PageResult("job-1", page, 1, 1, 1, 612, 792, None, 0, 0, read)), 1)

    async def create(self, name: str, data: bytes, *, durable: bool = True) -> int:
        return 1

    async def put_stream(self, name: str, chunks: AsyncIterator[bytes], *, durable: bool = True) -> BlobInfo:
        self.sizes[name] = 0
        async for chunk in chunks:
            self.sizes[name] += len(chunk)
        return BlobInfo(name, 1, self.sizes[name])


async def test_memory_does_not_grow_with_pages() -> None:
    store = EndlessStore()
    tracemalloc.start()
    try:
        failed = await assemble(store, order("txt md json hocr alto", range(1, 3001)), pages_at_once=4)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert failed == {}
    assert sum(store.sizes.values()) > 5 << 20
    assert peak < 4 << 20


class CountingStore(MemoryBlobStore):
    """Notes how many reads are under way at once."""

    reading = 0
    most = 0

    async def read(self, name: str):  # type: ignore[no-untyped-def]
        self.reading += 1
        self.most = max(self.most, self.reading)
        try:
            return await super().read(name)
        finally:
            self.reading -= 1


async def test_only_a_few_pages_are_read_ahead() -> None:
    store = CountingStore()
    for page in range(1, 31):
        await stored(store, page, PageText("x"))
    await assemble(store, order("txt", range(1, 31)), pages_at_once=5)
    assert 1 < store.most <= 5
