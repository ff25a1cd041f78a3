"""Searchable PDFs, read by other programs; most are made without a process of their own."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import numpy as np
import pymupdf
import pypdfium2
import pytest
from PIL import Image

from actors.render.call_limits import CallLimits
from actors.render.searchable_pdf import PAGES_A_STEP
from cluster.blobs.memory import MemoryBlobStore
from cluster.errors import FormatNotAvailable, GnosisError, RenderCrashed, RenderTimeout
from cluster.page_text import Line, PageResult, PageText
from tests.actors.render import broken_children as broken
from tests.actors.render import documents
from tests.actors.render.conftest import MakeRenderer
from tests.actors.render.pdf_desk import PDF, TXT, Desk, NoProcess, expected, line, result, same_words
from tests.actors.render.pdf_readers import (
    needs_pdftotext,
    pdfium_pixels,
    pdfium_text,
    pdfium_words,
    poppler_words,
)


@pytest.fixture
def desk(store: MemoryBlobStore, tmp_path: Path) -> Desk:
    return Desk(store, NoProcess(store, tmp_path))


LINES = (
    line("The first line of all", 50, 60, 250),
    line("漢字 и кириллица éà", 50, 100, 220),
    line("ill WWW", 40, 200, 99),
)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_text_comes_back_at_its_place(desk: Desk, rotation: int) -> None:
    original = documents.pdf(width=400, height=600, rotation=rotation)
    width, height = (400, 600) if rotation % 180 == 0 else (600, 400)
    made = await desk.pdf(original, [result(1, LINES, width, height)])
    found = [word for word in pdfium_words(made) if word.text not in ("This", "is", "page", "1")]
    assert same_words(found, LINES)
    assert made.startswith(original)
    assert np.array_equal(pdfium_pixels(made), pdfium_pixels(original))


@needs_pdftotext
@pytest.mark.parametrize("rotation", [0, 90])
async def test_poppler_finds_the_same_words_at_the_same_places(desk: Desk, tmp_path: Path, rotation: int) -> None:
    width, height = (400, 600) if rotation == 0 else (600, 400)
    made = await desk.pdf(documents.pdf(width=400, height=600, rotation=rotation), [result(1, LINES, width, height)])
    found = [word for word in poppler_words(made, tmp_path) if word.text not in ("This", "is", "page", "1")]
    assert same_words(found, LINES, near=0.1)


TURNED = (
    line("rising words", 100, 300, 150, degrees=-90),
    line("falling words", 300, 100, 150, degrees=90),
    line("head down", 350, 500, 120, degrees=180),
)


ASLANT = line("aslant all along", 60, 400, 200, degrees=40)
"""Poppler takes such words apart, whoever wrote them."""
ASKEW = (line("somewhat askew", 60, 350, 200, degrees=7), line("and upwards", 100, 300, 150, degrees=-83))


@needs_pdftotext
async def test_words_of_lines_askew_stay_whole(desk: Desk, tmp_path: Path) -> None:
    """Level, each around the middle of its place."""
    made = await desk.pdf(documents.pdf(), [result(1, ASKEW)])
    found = {word.text: word.box for word in poppler_words(made, tmp_path)}
    for word in expected(ASKEW):
        assert _middle(found[word.text]) == pytest.approx(_middle(word.box), abs=0.5)
    assert "somewhat" in pdfium_text(made).split()


def _middle(box: tuple[float, float, float, float]) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


@needs_pdftotext
async def test_lines_stand_as_they_are_turned(desk: Desk, tmp_path: Path) -> None:
    made = await desk.pdf(documents.pdf(), [result(1, TURNED)])
    found = [word for word in poppler_words(made, tmp_path) if word.text not in ("This", "is", "page", "1")]
    assert same_words(found, TURNED, near=0.5)


async def test_pdfium_finds_turned_lines_too(desk: Desk) -> None:
    lines = (*TURNED, ASLANT)
    made = await desk.pdf(documents.pdf(), [result(1, lines)])
    assert {word for one in lines for word in one.text.split()} <= set(pdfium_text(made).split())


async def test_lines_without_a_quad_run_as_the_page_does(desk: Desk) -> None:
    lines = (Line("upwards", (50, 100, 70, 200), 1),)
    made = await desk.pdf(documents.pdf(), [result(1, lines, rotation=90)])
    found = [word for word in pdfium_words(made) if word.text == "upwards"]
    assert same_words(found, lines, rotation=90)


@pytest.mark.parametrize("text", ["שלום עולם", "مرحبا بالعالم", "a 😀 b", "日本語 と ไทย"])
async def test_any_script_can_be_copied(desk: Desk, text: str) -> None:
    made = await desk.pdf(documents.pdf(), [result(1, (Line(text, (50, 100, 250, 120), 1),))])
    assert text in pdfium_text(made)


async def test_only_pages_read_by_an_engine_get_a_layer(desk: Desk) -> None:
    """Page 1 had its text, page 3 failed, page 4 was not asked for, page 5 is blank."""
    original = documents.pdf(5)
    results = [
        result(1, LINES[:1], source="embedded"),
        result(2, LINES[:1]),
        result(5, ()),
    ]
    made = await desk.pdf(original, results, total_pages=5, failed=(3,))
    texts = [pdfium_text(made, page) for page in range(1, 6)]
    assert [("first line" in text) for text in texts] == [False, True, False, False, False]
    assert all(f"This is page {page}" in text for page, text in enumerate(texts, start=1))
    assert made.startswith(original)


async def test_a_document_that_needs_no_layer_is_left_as_it_is(desk: Desk) -> None:
    original = documents.pdf(2)
    assert await desk.pdf(original, [result(1, LINES, source="embedded")], total_pages=2) == original


def sharing_resources(pages: int) -> bytes:
    document = pymupdf.open(stream=documents.pdf(pages), filetype="pdf")
    tree = document.xref_get_key(document.pdf_catalog(), "Pages")[1].split()[0]
    resources = document.xref_get_key(document[0].xref, "Resources")[1]
    document.xref_set_key(int(tree), "Resources", resources)
    for page in document:
        own = document.xref_get_key(page.xref, "Resources")[1]
        document.update_object(page.xref, document.xref_object(page.xref).replace(f"/Resources {own}", ""))
    made: bytes = document.tobytes()
    return made


async def test_rare_characters_stay_what_they_are_where_pages_share_resources(desk: Desk) -> None:
    """Such characters have codes of their own in each order."""
    pages, rare = PAGES_A_STEP + 1, ("😀", "🚀")
    results = [result(page, (line(f"is {rare[page == pages]} here", 50, 100, 200),)) for page in range(1, pages + 1)]
    made = await desk.pdf(sharing_resources(pages), results, total_pages=pages)
    assert rare[0] in pdfium_text(made, 1)
    assert rare[1] in pdfium_text(made, pages)


async def test_resources_that_pages_share_are_shared_still(desk: Desk) -> None:
    original = sharing_resources(2)
    made = await desk.pdf(original, [result(1, LINES), result(2, LINES)], total_pages=2)
    for page in (1, 2):
        assert "The first line of all" in pdfium_text(made, page)
        assert np.array_equal(pdfium_pixels(made, page), pdfium_pixels(original, page))


async def test_pages_that_begin_elsewhere_and_count_in_larger_units(desk: Desk) -> None:
    document = pymupdf.open(stream=documents.pdf(width=800, height=900), filetype="pdf")
    document.xref_set_key(document[0].xref, "CropBox", "[100 200 500 800]")
    made = await desk.pdf(document.tobytes(), [result(1, LINES)])
    found = [word for word in pdfium_words(made) if word.text not in ("This", "is", "page", "1")]
    assert same_words(found, LINES)


async def test_content_that_leaves_its_state_behind_moves_nothing(desk: Desk) -> None:
    document = pymupdf.open(stream=documents.pdf(), filetype="pdf")
    document.update_stream(document[0].get_contents()[0], b"2 0 0 2 30 30 cm q q 0.5 0 0 0.5 0 0 cm")
    made = await desk.pdf(document.tobytes(), [result(1, LINES)])
    assert same_words(pdfium_words(made), LINES)


# ---------------------------------------------------------------- encryption, damage


async def test_an_encrypted_document_stays_encrypted(desk: Desk) -> None:
    made = await desk.pdf(documents.encrypted_pdf("sesame"), [result(1, LINES)], password="sesame")
    with pytest.raises(pypdfium2.PdfiumError):
        pdfium_text(made)
    assert "The first line of all" in pdfium_text(made, password="sesame")
    assert b"The first" not in made


async def test_a_document_that_is_protected_from_changes_stays_so(desk: Desk) -> None:
    """It opens without a password; what it permits is written in it."""
    original = documents.pdf(
        encryption=pymupdf.PDF_ENCRYPT_AES_128, owner_pw="owner", permissions=pymupdf.PDF_PERM_ACCESSIBILITY
    )
    made = await desk.pdf(original, [result(1, LINES)])
    assert "The first line of all" in pdfium_text(made)
    copy = pymupdf.open(stream=made, filetype="pdf")
    assert copy.permissions == pymupdf.open(stream=original, filetype="pdf").permissions
    assert "AES" in copy.metadata["encryption"]


async def test_without_the_password_it_is_not_available(desk: Desk) -> None:
    failed = await desk.made(documents.encrypted_pdf("sesame"), [result(1, LINES)])
    assert isinstance(failed["pdf"], FormatNotAvailable)
    assert "password" in failed["pdf"].detail
    assert (await desk.store.read(TXT)).data


async def test_a_damaged_document_is_mended(desk: Desk) -> None:
    """Its table of objects is gone, so nothing can be appended: the file is written anew, pictures as they were."""
    document = pymupdf.open(stream=documents.pdf(3), filetype="pdf")
    picture = documents.image("jpeg", Image.effect_noise((60, 60), 50).convert("L"))
    document[0].insert_image((10, 10, 70, 70), stream=picture)
    whole = document.tobytes()
    made = await desk.pdf(whole[: whole.rindex(b"xref")], [result(1, LINES), result(3, LINES)], total_pages=3)
    assert "The first line of all" in pdfium_text(made, 3)
    assert picture in made


# ---------------------------------------------------------------- what goes wrong


async def test_pages_without_boxes_make_it_unavailable(desk: Desk) -> None:
    results = [
        result(1, LINES),
        PageResult("job-1", 2, 1, 1, 1, 400, 600, None, 0, 0, PageText("text", markdown="text")),
    ]
    failed = await desk.made(documents.pdf(2), results, total_pages=2)
    assert isinstance(failed["pdf"], FormatNotAvailable)
    assert "page 2" in failed["pdf"].detail
    assert await desk.store.list(PDF) == []
    assert b"text" in (await desk.store.read(TXT)).data


@pytest.mark.parametrize(("function", "error"), [("crash_on_layers", RenderCrashed), ("hang_on_layers", RenderTimeout)])
async def test_a_process_that_is_lost_costs_the_pdf_alone_and_may_be_asked_again(
    store: MemoryBlobStore, make_renderer: MakeRenderer, tmp_path: Path, function: str, error: type[GnosisError]
) -> None:
    renderer = make_renderer(child=f"{broken.HERE}:{function}", limits=CallLimits(draw_s=0.5))
    failed = await Desk(store, renderer).made(documents.pdf(), [result(1, LINES)])
    assert [type(one) for one in failed.values()] == [error]
    assert (await store.read(TXT)).data
    assert list(tmp_path.rglob("*.pdf")) == []


async def test_the_copy_is_gone_once_it_is_stored(desk: Desk, tmp_path: Path) -> None:
    await desk.pdf(documents.pdf(), [result(1, LINES)])
    assert list(tmp_path.rglob("searchable*")) == []


async def test_a_copy_that_is_still_being_written_when_nobody_waits_for_it_goes_as_well(
    store: MemoryBlobStore, make_renderer: MakeRenderer, tmp_path: Path
) -> None:
    renderer = make_renderer(child=f"{broken.HERE}:write_layers_late")
    made = asyncio.create_task(Desk(store, renderer).made(documents.pdf(), [result(1, LINES)]))
    async with asyncio.timeout(20):
        while renderer.child_pid is None:
            await asyncio.sleep(0.01)
    made.cancel()
    with suppress(asyncio.CancelledError):
        await made
    await asyncio.sleep(1.5)  # the process starts, and writes the copy half a second later
    assert list(tmp_path.rglob("searchable*")) == []


async def test_a_rendering_process_makes_it_without_growing(
    store: MemoryBlobStore, make_renderer: MakeRenderer
) -> None:
    """300 pages in ten steps; the process must not grow by what they hold."""
    renderer = make_renderer()
    lines = tuple(line(f"line number {number} of many", 50, 10 * number, 250, 9) for number in range(1, 31))
    results = [result(page, lines) for page in range(1, 301)]
    made = await Desk(store, renderer).pdf(documents.pdf(300), results, total_pages=300)
    assert "line number 30 of many" in pdfium_text(made, 300)
    status = Path(f"/proc/{renderer.child_pid}/status").read_text()
    peak_kb = int(status.partition("VmHWM:")[2].split()[0])
    assert peak_kb < 180 << 10
