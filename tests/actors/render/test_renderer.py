"""The Renderer, with its real rendering process."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from actors.job.ports import ReplicaLost
from actors.ocr.engine import Pixels
from actors.render.call_limits import CallLimits
from actors.render.document_cache import IDLE_S
from actors.render.protocol import AssembleRequest, OpenedDocument, RenderedPage
from cluster import layout
from cluster.blobs.faults import FaultKind
from cluster.blobs.memory import MemoryBlobStore
from cluster.clock import ManualClock
from cluster.errors import (
    AssemblyTimeout,
    BlobUnavailable,
    CallOverdue,
    DocumentDamaged,
    DocumentEncrypted,
    DocumentError,
    PageTooLarge,
    PasswordWrong,
    RenderCrashed,
    RenderFailed,
    RenderTimeout,
    SourceNotFound,
    TooManyPages,
)
from cluster.page_text import PageResult, PageText, encode_result
from tests.actors.render import broken_children as broken
from tests.actors.render import documents
from tests.actors.render.conftest import MakeRenderer

BREAKING = f"{broken.HERE}:break_on_order"


async def test_a_page_is_stored_before_it_is_answered(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    await store.put("raw.pdf", documents.pdf(3))
    renderer, of = make_renderer(), documents.document("raw.pdf")
    assert await renderer.open(of) == OpenedDocument(3)
    (page,) = await renderer.render([documents.request(of, 2, dpi=144)])
    assert isinstance(page, RenderedPage)
    assert page.image == layout.page_image_file(2)
    assert (page.width, page.height, page.page_width, page.page_height, page.dpi) == (800, 1200, 400, 600, 144)
    assert page.pixels.shape == (1200, 800, 3)
    assert page.reason is None
    with Image.open(io.BytesIO((await store.read(of.prefix + page.image)).data)) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), page.pixels)


async def test_a_group_is_answered_in_order_with_faults_in_their_places(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    await store.put("raw.pdf", documents.pdf(3))
    of = documents.document("raw.pdf")
    answers = await make_renderer().render([documents.request(of, page) for page in (3, 9, 1)])
    assert [type(answer) for answer in answers] == [RenderedPage, RenderFailed, RenderedPage]
    assert [answer.page for answer in answers if isinstance(answer, RenderedPage)] == [3, 1]


async def test_what_is_wrong_with_a_document_is_told(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    renderer = make_renderer()

    async def opened(name: str, data: bytes | None, password: str | None = None) -> OpenedDocument | DocumentError:
        if data is not None:
            await store.put(name, data)
        return await renderer.open(documents.document(name, max_pages=3, password=password))

    assert isinstance(await opened("locked", documents.encrypted_pdf("sesame")), DocumentEncrypted)
    assert isinstance(await opened("locked", None, "wrong"), PasswordWrong)
    assert await opened("locked", None, "sesame") == OpenedDocument(1)
    assert isinstance(await opened("stump", b"%PDF-1.4\n%%EOF"), DocumentDamaged)
    assert isinstance(await opened("other", b"neither one nor the other"), DocumentDamaged)
    assert isinstance(await opened("cut", documents.image("png", Image.new("L", (9, 9)))[:20]), DocumentDamaged)
    assert await opened("three", documents.pdf(3)) == OpenedDocument(3)
    assert isinstance(await opened("four", documents.pdf(4)), TooManyPages)
    assert isinstance(await opened("none", None), SourceNotFound)


async def test_a_truncated_image_opens_and_its_page_fails(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (50, 50), dtype=np.uint8))
    await store.put("raw.png", documents.image("png", noise)[:-1500])
    renderer, of = make_renderer(), documents.document("raw.png")
    assert await renderer.open(of) == OpenedDocument(1)
    (page,) = await renderer.render([documents.request(of)])
    assert isinstance(page, RenderFailed)


async def test_a_process_killed_under_a_page_fails_that_page_alone(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    await store.put("raw.pdf", documents.pdf(3))
    renderer, of = make_renderer(child=BREAKING), documents.document("raw.pdf")
    await renderer.open(of)
    rendering = asyncio.create_task(
        renderer.render([documents.request(of, 1, dpi=broken.HANG_AT_DPI), documents.request(of, 2)])
    )
    await asyncio.sleep(0.2)
    assert renderer.child_pid is not None
    os.kill(renderer.child_pid, signal.SIGKILL)
    lost, unharmed = await rendering
    assert isinstance(lost, RenderCrashed)
    assert isinstance(unharmed, RenderedPage)
    await renderer.check_health()


async def test_a_page_that_takes_too_long_fails_alone_and_waiting_has_no_time_out(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    await store.put("raw.pdf", documents.pdf(3))
    renderer, of = make_renderer(child=BREAKING, limits=CallLimits(draw_s=0.5)), documents.document("raw.pdf")
    hanging = [documents.request(of, page, dpi=broken.HANG_AT_DPI) for page in (1, 2)]
    first, second, third = await renderer.render([*hanging, documents.request(of, 3)])
    assert isinstance(first, RenderTimeout)
    assert isinstance(second, RenderTimeout)
    assert isinstance(third, RenderedPage)


@pytest.mark.parametrize("function", ["crash_on_opening", "hang_on_opening"])
async def test_a_document_that_takes_the_process_down_loses_the_call(
    store: MemoryBlobStore, make_renderer: MakeRenderer, function: str
) -> None:
    await store.put("raw.pdf", documents.pdf())
    renderer = make_renderer(child=f"{broken.HERE}:{function}", limits=CallLimits(open_s=0.5))
    with pytest.raises(ReplicaLost):
        await renderer.open(documents.document("raw.pdf"))


async def test_a_page_without_memory_is_too_large(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    await store.put("raw.pdf", documents.pdf())
    of = documents.document("raw.pdf")
    renderer = make_renderer(memory_mb=100)
    large, small = await renderer.render([documents.request(of, dpi=1200), documents.request(of)])
    assert isinstance(large, PageTooLarge)
    assert isinstance(small, RenderedPage)


async def test_the_store_s_faults_are_raised(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    await store.put("raw.pdf", documents.pdf())
    renderer, of = make_renderer(), documents.document("raw.pdf")
    store.fail("put", layout.page_image(of.prefix, 1), FaultKind.UNAVAILABLE)
    with pytest.raises(BlobUnavailable):
        await renderer.render([documents.request(of)])
    (page,) = await renderer.render([documents.request(of)])
    assert isinstance(page, RenderedPage)


async def test_pixels_that_can_t_be_published_are_left_out(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    def refuse(pixels: Pixels) -> None:
        raise MemoryError

    await store.put("raw.pdf", documents.pdf())
    of = documents.document("raw.pdf")
    (page,) = await make_renderer(publish=refuse).render([documents.request(of)])
    assert isinstance(page, RenderedPage)
    assert page.pixels is None
    assert (await store.read(of.prefix + page.image)).data


async def test_the_next_page_is_drawn_while_the_last_is_stored_up_to_a_budget(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    await store.put("raw.pdf", documents.pdf(4))
    drawn: list[int] = []
    renderer = make_renderer(publish=lambda pixels: drawn.append(pixels.nbytes), storing_bytes=1_000_000)
    of = documents.document("raw.pdf")
    first = store.fail("put", layout.page_image(of.prefix, 1), FaultKind.SLOW)
    second = store.fail("put", layout.page_image(of.prefix, 2), FaultKind.SLOW)
    rendering = asyncio.create_task(renderer.render([documents.request(of, page) for page in (1, 2, 3, 4)]))
    began = time.monotonic()
    while len(drawn) < 2 and time.monotonic() - began < 20:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    assert drawn == [720_000, 720_000]
    first.gate.set()
    second.gate.set()
    assert [type(answer) for answer in await rendering] == [RenderedPage] * 4
    assert len(drawn) == 4


async def test_a_caller_that_leaves_does_no_harm(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    await store.put("raw.pdf", documents.pdf(2))
    renderer, of = make_renderer(child=BREAKING, limits=CallLimits(draw_s=0.5)), documents.document("raw.pdf")
    await renderer.open(of)
    leaving = asyncio.create_task(renderer.render([documents.request(of, dpi=broken.HANG_AT_DPI)]))
    await asyncio.sleep(0.1)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    (page,) = await renderer.render([documents.request(of, 2)])
    assert isinstance(page, RenderedPage)


async def test_results_are_joined(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    of = documents.document("raw.pdf")
    result = PageResult(of.job_id, 1, 1, 1, 1, 612, 792, None, 0, 0, PageText("read"))
    await store.create(layout.page_result(of.prefix, 1), encode_result(result))
    output = layout.output(of.prefix, 1, 1, "txt")
    assert await make_renderer().assemble(AssembleRequest(of.job_id, of.prefix, (1,), (), (("txt", output),))) == {}
    assert (await store.read(output)).data == b"read\n"


async def test_closing_ends_the_process_and_removes_documents(
    store: MemoryBlobStore, make_renderer: MakeRenderer, tmp_path: Path
) -> None:
    await store.put("raw.pdf", documents.pdf())
    renderer, of = make_renderer(child=BREAKING), documents.document("raw.pdf")
    assert await renderer.open(of) == OpenedDocument(1)
    child = renderer.child_pid
    assert child is not None
    requests = [documents.request(of, dpi=broken.HANG_AT_DPI), documents.request(of)]
    rendering = [asyncio.create_task(renderer.render([request])) for request in requests]
    await asyncio.sleep(0.2)
    await renderer.close()
    (crashed,) = await rendering[0]
    assert isinstance(crashed, RenderCrashed)
    with pytest.raises(ReplicaLost):
        await rendering[1]
    assert not psutil.pid_exists(child)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ReplicaLost):
        await renderer.check_health()
    await renderer.close()


async def test_a_page_that_has_waited_too_long_is_not_drawn(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    """Nobody may be there any more to want it, and its job be deleted: only its local copy is left."""
    await store.put("raw.pdf", documents.pdf(3))
    clock, drawn = ManualClock(), list[int]()
    renderer = make_renderer(clock=clock, publish=lambda pixels: drawn.append(pixels.nbytes), storing_bytes=1)
    of = documents.document("raw.pdf")
    first = store.fail("put", layout.page_image(of.prefix, 1), FaultKind.SLOW)
    rendering = asyncio.create_task(renderer.render([documents.request(of, page) for page in (1, 2)]))
    while not first.hits:
        await asyncio.sleep(0.01)
    await store.delete("raw.pdf")
    await clock.advance(CallLimits().wait_s + 1)
    first.gate.set()
    stored, overdue = await rendering
    assert isinstance(stored, RenderedPage), "its storing had begun in time"
    assert isinstance(overdue, CallOverdue)
    assert len(drawn) == 1
    assert [info.name for info in await store.list(of.prefix)] == [layout.page_image(of.prefix, 1)]
    (again,) = await renderer.render([documents.request(of, 2)])
    assert isinstance(again, RenderedPage), "who still wants it asks again"


@pytest.mark.parametrize(("late_s", "answer"), [(-1, RenderedPage), (1, CallOverdue)])
async def test_a_page_that_was_drawn_too_late_is_not_stored(
    store: MemoryBlobStore, make_renderer: MakeRenderer, late_s: float, answer: type
) -> None:
    await store.put("raw.pdf", documents.pdf())
    clock, loop = ManualClock(), asyncio.get_running_loop()

    def publish(pixels: Pixels) -> None:
        age = CallLimits().storing_begins_s + late_s
        asyncio.run_coroutine_threadsafe(clock.advance(age), loop).result()

    of = documents.document("raw.pdf")
    (page,) = await make_renderer(clock=clock, publish=publish).render([documents.request(of)])
    assert isinstance(page, answer)
    assert len(await store.list(of.prefix)) == (answer is RenderedPage)


async def test_a_page_image_has_a_limited_time_to_be_stored(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    await store.put("raw.pdf", documents.pdf())
    of = documents.document("raw.pdf")
    store.fail("put", layout.page_image(of.prefix, 1), FaultKind.SLOW)
    with pytest.raises(BlobUnavailable):
        await make_renderer(limits=CallLimits(store_s=0.05)).render([documents.request(of)])
    assert await store.list(of.prefix) == []


async def test_outputs_have_a_limited_time_to_be_joined(store: MemoryBlobStore, make_renderer: MakeRenderer) -> None:
    of = documents.document("raw.pdf")
    store.fail("read", layout.page_result(of.prefix, 1), FaultKind.SLOW)
    output = layout.output(of.prefix, 1, 1, "txt")
    request = AssembleRequest(of.job_id, of.prefix, (1,), (), (("txt", output),))
    with pytest.raises(AssemblyTimeout):
        await make_renderer(limits=CallLimits(assemble_s=0.05)).assemble(request)
    assert await store.list(of.prefix) == []


async def test_an_idle_renderer_keeps_nothing_of_a_document(
    store: MemoryBlobStore, make_renderer: MakeRenderer, tmp_path: Path
) -> None:
    await store.put("raw.pdf", documents.pdf())
    clock = ManualClock()
    renderer, of = make_renderer(clock=clock), documents.document("raw.pdf")
    await renderer.render([documents.request(of)])
    child = psutil.Process(renderer.child_pid)
    scratch = str(tmp_path)
    assert any(file.path.startswith(scratch) for file in child.open_files())
    for _ in range(5):
        await clock.advance(IDLE_S / 4)
        await asyncio.sleep(0.05)
    assert not any(file.path.startswith(scratch) for file in child.open_files())
    assert [path.name for path in tmp_path.glob("*/*")] == [".lock"]


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "webp", "bmp"])
async def test_an_image_that_can_not_be_decoded_fails_as_document_or_as_page(
    store: MemoryBlobStore, make_renderer: MakeRenderer, kind: str
) -> None:
    """Never with a page that is half a picture."""
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (80, 80, 3), dtype=np.uint8))
    whole = documents.image(kind, noise)
    await store.put("whole", whole)
    await store.put("half", whole[: len(whole) // 2])
    await store.put("stump", whole[:30])
    renderer = make_renderer()
    (page,) = await renderer.render([documents.request(documents.document("whole"))])
    assert isinstance(page, RenderedPage)
    assert isinstance(await renderer.open(documents.document("stump")), DocumentDamaged)
    half = documents.document("half")
    if await renderer.open(half) == OpenedDocument(1):
        (page,) = await renderer.render([documents.request(half)])
        assert isinstance(page, RenderFailed)
    else:
        assert kind in ("tiff", "webp"), "a TIFF's directory may stand at its end, and a WebP is read whole"
