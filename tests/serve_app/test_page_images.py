"""Page images that are made when somebody asks for them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from actors.render.protocol import RenderAnswer, RenderedPage, RenderRequest
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.errors import CallOverdue, PageError, RenderFailed
from cluster.ids import new_job_id
from cluster.record import JobRecord, JobStatus, PageRecord, PageStatus, Tombstone
from serve_app import page_images
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import PNG, Server, ended, job_record

DRAWN = PNG + b"drawn"
TAKEN = PageRecord(status=PageStatus.COMPLETED, result_file="page_001_result.txt", source="embedded")


class Drawing:
    """A Renderer of these tests. answers: instead of a stored image, in turn. gate: what it waits for before."""

    def __init__(self, web: Server) -> None:
        self.web = web
        self.answers: list[RenderAnswer | None] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, request: RenderRequest) -> RenderAnswer | None:
        await self.gate.wait()
        if self.answers:
            return self.answers.pop(0)
        image = layout.page_image_file(request.page)
        await self.web.store.put(request.document.prefix + image, DRAWN)
        return RenderedPage(request.page, image, 85, 110, 612, 792, 10)


@pytest.fixture
def drawing(web: Server) -> Drawing:
    web.gateway.on_render = Drawing(web)
    return web.gateway.on_render


@pytest.fixture
async def job(web: Server, drawing: Drawing) -> JobRecord:
    """A finished job of three pages whose embedded text was taken."""
    record = ended(job_record(), pages=dict.fromkeys((1, 2, 3), TAKEN))
    record = replace(record, options={**record.options, "dpi": 200})
    await web.save(record)
    return record


def url(job: JobRecord, page: int = 1) -> str:
    return f"/api/jobs/{job.job_id}/pages/{page}/image"


def image_of(job: JobRecord, page: int = 1) -> str:
    return layout.page_image(layout.job_prefix(ANONYMOUS, job.job_id), page)


async def test_the_first_request_has_it_made_and_later_ones_find_it(web: Server, job: JobRecord) -> None:
    for _ in range(2):
        answer = await web.client.get(url(job))
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", DRAWN)
    (request,) = web.gateway.rendered
    assert (request.page, request.dpi, request.mode, request.document.password) == (1, 200, "ocr", None)
    assert request.document.raw == layout.job_prefix(ANONYMOUS, job.job_id) + "raw/document.pdf"
    assert (await web.client.get(f"/api/jobs/{job.job_id}/status")).json()["pages"]["1"]["image"] is None


async def test_requests_at_the_same_time_share_one_drawing(web: Server, job: JobRecord, drawing: Drawing) -> None:
    drawing.gate.clear()
    asked = [asyncio.create_task(web.client.get(url(job, page))) for page in (1, 1, 2, 1)]
    while len(web.gateway.rendered) < 2:
        await asyncio.sleep(0)
    drawing.gate.set()
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 4
    assert sorted(request.page for request in web.gateway.rendered) == [1, 2]


async def test_only_so_many_are_drawn_and_asked_for_at_once(
    web: Server, job: JobRecord, drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_images, "WAITING", 2)
    drawing.gate.clear()
    asked = [asyncio.create_task(web.client.get(url(job, page))) for page in (1, 2)]
    while len(web.gateway.rendered) < 2:
        await asyncio.sleep(0)
    refused = await web.client.get(url(job, 3))
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) > 0
    drawing.gate.set()
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200, 200]
    assert (await web.client.get(url(job, 3))).status_code == 200


@pytest.mark.parametrize("answer", [None, CallOverdue()])
async def test_what_could_not_be_drawn_in_time_is_to_be_asked_for_again(
    web: Server, job: JobRecord, drawing: Drawing, answer: RenderAnswer | None
) -> None:
    drawing.answers = [answer]
    refused = await web.client.get(url(job))
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert "retry-after" in refused.headers
    assert (await web.client.get(url(job))).status_code == 200


async def test_who_waits_too_long_is_sent_away_and_the_drawing_goes_on(
    web: Server, job: JobRecord, drawing: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_images, "TIMEOUT_S", 0.01)
    drawing.gate.clear()
    assert (await web.client.get(url(job))).json()["code"] == "overloaded"
    drawing.gate.set()
    while image_of(job) not in await web.names():
        await asyncio.sleep(0)
    assert (await web.client.get(url(job))).content == DRAWN
    assert len(web.gateway.rendered) == 1


async def test_a_page_that_can_t_be_drawn_says_why(web: Server, job: JobRecord, drawing: Drawing) -> None:
    fault: PageError = RenderFailed("It is upside down.")
    drawing.answers = [fault]
    answer = await web.client.get(url(job))
    assert (answer.status_code, answer.json()["code"]) == (409, "page_failed")
    assert "upside down" in answer.json()["detail"]


@pytest.mark.parametrize("left", ["a tombstone", "a record that says so", "nothing"])
async def test_a_deletion_that_comes_in_between_leaves_nothing_behind(
    web: Server, job: JobRecord, drawing: Drawing, left: str
) -> None:
    drawing.gate.clear()
    asked = asyncio.create_task(web.client.get(url(job)))
    while not web.gateway.rendered:
        await asyncio.sleep(0)
    if left == "a tombstone":
        await web.save(Tombstone(job.job_id, 1, 9))
    elif left == "nothing":
        await web.store.delete(layout.record(layout.job_prefix(ANONYMOUS, job.job_id)))
    else:
        await web.save(replace(job, status=JobStatus.DELETING, pages={}))
    drawing.gate.set()
    assert (await asked).status_code == 404
    assert image_of(job) not in await web.names()


async def test_the_drawing_s_own_limits_end_long_before_a_deletion_s_last_sweep() -> None:
    """Where this process dies before it could remove the image, that sweep does."""
    from actors.render.call_limits import CallLimits

    limits = CallLimits()
    asked = page_images.TIMEOUT_S + page_images.WAIT_S
    assert asked + limits.draw_s + limits.store_s + limits.landing_s < limits.writes_s


async def test_a_page_that_is_not_read_yet_is_not_drawn_for_a_request(web: Server, drawing: Drawing) -> None:
    pages = {
        1: PageRecord(),
        2: PageRecord(PageStatus.PROCESSING, source="embedded"),
        3: PageRecord(PageStatus.SKIPPED),
    }
    record = job_record(pages=pages)
    await web.save(record)
    for page in (1, 2, 3):
        answer = await web.client.get(url(record, page))
        assert (answer.status_code, answer.json()["code"]) == (409, "page_not_ready")
    assert not web.gateway.rendered


async def test_a_stored_image_that_is_gone_is_not_made_again(web: Server, drawing: Drawing) -> None:
    """A page with an image in its record was drawn for OCR: its loss is damage, and is shown."""
    record = job_record()
    await web.save(record)
    assert (await web.client.get(url(record))).status_code == 409
    assert not web.gateway.rendered


async def test_an_unknown_job_has_no_images(web: Server, job: JobRecord) -> None:
    assert (await web.client.get(f"/api/jobs/{new_job_id()}/pages/1/image")).status_code == 404
    assert not web.gateway.rendered


async def test_a_store_that_fails_is_told(web: Server, job: JobRecord) -> None:
    web.store.fail("put", image_of(job), FaultKind.UNAVAILABLE)
    answer = await web.client.get(url(job))
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert (await web.client.get(url(job))).status_code == 200
