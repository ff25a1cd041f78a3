"""Texts of pages: read once for all who listen, within their bound, and for no longer than somebody listens."""

from __future__ import annotations

import asyncio

from cluster import layout
from cluster.record import JobRecord
from serve_app.identity import ANONYMOUS
from serve_app.page_texts import PageTexts
from tests.serve_app.builders import Server, job_record


def _prefix(record: JobRecord) -> str:
    return layout.job_prefix(ANONYMOUS, record.job_id)


def _read(web: Server, record: JobRecord) -> list[int]:
    """The pages that were read from the store, in order."""
    pages = {layout.page_result(_prefix(record), page): page for page in record.pages}
    return [pages[done.name] for done in web.store.log if done.operation == "read" and done.name in pages]


async def _stored(web: Server, text: str) -> JobRecord:
    record = job_record()
    for page in record.pages:
        await web.save_result(record.job_id, page, f"{text} {page}")
    return record


async def test_a_text_is_read_once_as_long_as_somebody_listens(web: Server) -> None:
    record = await _stored(web, "text")
    texts = PageTexts(web.store)
    with texts.shared(_prefix(record)):
        with texts.shared(_prefix(record)):
            assert await asyncio.gather(*(texts.text(_prefix(record), 1) for _ in range(5))) == ["text 1"] * 5
        assert await texts.text(_prefix(record), 1) == "text 1"
        assert _read(web, record) == [1]
    with texts.shared(_prefix(record)):
        await texts.text(_prefix(record), 1)
    assert _read(web, record) == [1, 1], "nothing is kept once the last listener is gone"


async def test_past_the_bound_the_text_read_longest_ago_goes(web: Server) -> None:
    record = await _stored(web, "ä" * 100)
    texts = PageTexts(web.store, most_bytes=450)
    with texts.shared(_prefix(record)):
        for page in (1, 2, 3, 2, 3, 1):
            await texts.text(_prefix(record), page)
    assert _read(web, record) == [1, 2, 3, 1], "two texts of 202 bytes each are kept"


async def test_who_comes_first_and_leaves_ends_nothing_for_the_others(web: Server) -> None:
    record = await _stored(web, "text")
    texts = PageTexts(web.store)
    first, second = (asyncio.create_task(texts.text(_prefix(record), 1)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "text 1"
    assert _read(web, record) == [1]
