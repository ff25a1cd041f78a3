"""The body of a submission: shapes, limits, and what is refused."""

from __future__ import annotations

import asyncio
import gc
import itertools
import weakref
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from cluster import layout
from cluster.errors import BodyMalformed
from serve_app.identity import ANONYMOUS
from serve_app.incoming_body import IncomingBody
from serve_app.multipart_parts import parts
from tests.serve_app.builders import BOUNDARY, FORM_HEADERS, PDF, PNG, Server, form, part, server, stream

MEGABYTE = 1 << 20
WHOLE = form(part("mode", b"ocr"), part("file", PDF, "scan.pdf"), part("pages", b"1-2"))


async def _refused(web: Server, body: object, headers: dict[str, str], path: str = "/api/jobs") -> tuple[int, str]:
    """Posts, sees that nothing at all stays stored, returns status and code."""
    answer = await web.client.post(path, content=body, headers=headers)  # type: ignore[arg-type]
    assert answer.headers["content-type"] == "application/problem+json"
    assert await web.names() == []
    assert not web.gateway.adopted
    return answer.status_code, answer.json()["code"]


async def _form_refused(web: Server, *parts: bytes) -> tuple[int, str]:
    return await _refused(web, form(*parts), dict(FORM_HEADERS))


async def test_a_form_is_stored_under_its_own_kind(web: Server) -> None:
    answer = await web.client.post("/api/jobs", files={"file": ("x.pdf", PNG, "application/pdf")}, data={"dpi": "200"})
    assert answer.status_code == 202
    record = answer.json()
    assert record["file_info"] == {
        "filename": "x.pdf",
        "file_type": "png",
        "total_pages": 0,
        "raw_file": "raw/document.png",
        "file_size": len(PNG),
    }
    assert record["options"]["dpi"] == 200
    prefix = layout.job_prefix(ANONYMOUS, record["job_id"])
    assert (await web.store.read(layout.raw(prefix, "png"))).data == PNG


async def test_a_raw_body_takes_its_options_from_the_query(web: Server) -> None:
    answer = await web.client.post(
        "/api/jobs?filename=a/b/scan.pdf&mode=ocr&pages=2-3,7",
        content=stream([PDF[:3], PDF[3:]]),
        headers={"Content-Type": "application/pdf"},
    )
    assert answer.status_code == 202
    assert answer.json()["file_info"]["filename"] == "scan.pdf"
    assert answer.json()["options"]["mode"] == "ocr"
    assert answer.json()["options"]["pages"] == "2-3,7"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, len(WHOLE)), max_size=12), every=st.sampled_from([0, 1, 2, 7, 64]))
def test_however_the_body_is_cut_the_document_is_the_same(cuts: list[int], every: int) -> None:
    async def run() -> None:
        web = server(max_direct_upload_mb=1)
        at = sorted({0, len(WHOLE), *cuts, *(range(0, len(WHOLE), every) if every else ())})
        pieces = [WHOLE[a:b] for a, b in itertools.pairwise(at)]
        async with web.client:
            answer = await web.client.post("/api/jobs", content=stream(pieces), headers=FORM_HEADERS)
        assert answer.status_code == 202
        record = answer.json()
        assert record["options"]["mode"] == "ocr"
        assert record["options"]["pages"] == "1-2"
        raw = layout.raw(layout.job_prefix(ANONYMOUS, record["job_id"]), "pdf")
        assert (await web.store.read(raw)).data == PDF

    asyncio.run(run())


@settings(max_examples=60, deadline=None)
@given(body=st.binary(max_size=300), cut=st.integers(0, len(WHOLE) - 1), at=st.integers(0, len(WHOLE)))
def test_whatever_comes_is_answered_and_leaves_nothing_behind(body: bytes, cut: int, at: int) -> None:
    async def run() -> None:
        web = server(max_direct_upload_mb=1)
        spoilt = WHOLE[:at] + body + WHOLE[at + len(body) :]
        async with web.client:
            for content in (body, WHOLE[:cut], spoilt):
                before = await web.names()
                answer = await web.client.post("/api/jobs", content=stream([content]), headers=FORM_HEADERS)
                assert answer.status_code in (202, 400, 415)
                assert (await web.names() == before) == (answer.status_code != 202)

    asyncio.run(run())


@pytest.mark.parametrize("cut", [10, 60, len(WHOLE) - 30, len(WHOLE) - 5])
async def test_a_form_without_its_end_is_malformed(web: Server, cut: int) -> None:
    assert await _refused(web, WHOLE[:cut], dict(FORM_HEADERS)) == (400, "body_malformed")


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part("mode", b"ocr")], (400, "file_missing")),
        ([], (400, "file_missing")),
        ([part("file", b"", "x.pdf")], (400, "file_empty")),
        ([part("file", b"hello", "x.pdf")], (415, "media_type_unsupported")),
        ([part("file", PDF, "a.pdf"), part("file", PDF, "b.pdf")], (400, "option_invalid")),
        ([part("document", PDF, "a.pdf")], (400, "option_invalid")),
        ([part("file", PDF, "a.pdf"), part("colour", b"1")], (400, "option_invalid")),
        ([part("colour", b"1"), part("file", PDF, "a.pdf")], (400, "option_invalid")),
        ([part("file", PDF, "a.pdf"), part("pages", b"9-2")], (400, "option_invalid")),
        ([part("mode", b"fast"), part("file", PDF, "a.pdf")], (400, "option_invalid")),
        ([part("file", PDF, "a.pdf"), part("engine", b"magic")], (400, "option_invalid")),
        ([part("mode", b"ocr"), part("mode", b"ocr"), part("file", PDF)], (400, "option_invalid")),
        ([part("session_id", b"\xff\xfe"), part("file", PDF)], (400, "option_invalid")),
        ([part("session_id", b"x" * 70_000), part("file", PDF)], (400, "option_invalid")),
        ([part("file", PDF), part("password", b"x" * 70_000)], (400, "option_invalid")),
        ([part("file", PDF).replace(b"form-data", b"attachment")], (400, "body_malformed")),
        (
            [part("file", PDF).replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n")],
            (400, "body_malformed"),
        ),
        ([part("file", PDF, "x" * 30_000)], (400, "body_malformed")),
        ([part("file", PDF).replace(b"\r\n\r\n", b"\r\nX: 1" * 20 + b"\r\n\r\n")], (400, "body_malformed")),
    ],
)
async def test_forms_that_are_refused(web: Server, parts: list[bytes], expected: tuple[int, str]) -> None:
    assert await _form_refused(web, *parts) == expected


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("multipart/form-data", (400, "body_malformed")),
        ("multipart/form-data; boundary=", (400, "body_malformed")),
        ("multipart/form-data; boundary=" + "b" * 300, (400, "body_malformed")),
        ("multipart/mixed; boundary=b", (400, "body_malformed")),
        ("application/json", (400, "file_missing")),
        ("text/plain", (415, "media_type_unsupported")),
        ("application/pdf", (415, "media_type_unsupported")),
    ],
)
async def test_bodies_that_are_refused(web: Server, content_type: str, expected: tuple[int, str]) -> None:
    assert await _refused(web, b"{}", {"Content-Type": content_type}) == expected


async def test_an_unsupported_document_is_told_what_is_accepted(web: Server) -> None:
    answer = await web.client.post("/api/jobs", content=b"GIF89a", headers={"Content-Type": "image/gif"})
    assert answer.status_code == 415
    assert all(kind in answer.json()["detail"] for kind in ("PDF", "PNG", "JPEG", "TIFF", "WebP", "BMP"))


async def test_an_empty_raw_body(web: Server) -> None:
    assert await _refused(web, b"", {"Content-Type": "application/pdf"}) == (400, "file_empty")
    assert await _refused(web, b"", {}) == (400, "file_missing")


@pytest.mark.parametrize(
    "query", ["mode=fast", "colour=1", "mode=ocr&mode=ocr", "wait=61", "wait=-1", "wait=x", "dpi=5"]
)
async def test_bad_queries_are_refused_before_anything_is_stored(web: Server, query: str) -> None:
    expected = (400, "option_invalid")
    assert await _refused(web, PDF, {"Content-Type": "application/pdf"}, f"/api/jobs?{query}") == expected
    assert not web.store.writes


async def test_options_in_the_query_of_a_form_count(web: Server) -> None:
    files = {"file": ("x.pdf", PDF)}
    answer = await web.client.post("/api/jobs?mode=ocr", files=files)
    assert answer.json()["options"]["mode"] == "ocr"
    answer = await web.client.post("/api/jobs?mode=ocr", files=files, data={"mode": "ocr"})
    assert answer.json()["code"] == "option_invalid"


@pytest.mark.parametrize("as_form", [True, False])
async def test_a_file_past_the_limit_is_refused_by_its_announced_length(web: Server, as_form: bool) -> None:
    big = PDF + b"x" * MEGABYTE
    body = form(part("file", big, "x.pdf"), part("session_id", b"x" * (300 << 10))) if as_form else big
    headers = dict(FORM_HEADERS) if as_form else {"Content-Type": "application/pdf"}
    answer = await web.client.post("/api/jobs", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert "1 MB" in answer.json()["detail"]
    assert not web.store.writes


@pytest.mark.parametrize("as_form", [True, False])
async def test_a_file_past_the_limit_without_a_length_stops_at_once(web: Server, as_form: bool) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield part("file", b"", "x.pdf")[:-2] + PDF if as_form else PDF
        while True:
            taken += 1
            yield b"x" * 65536

    headers = dict(FORM_HEADERS) if as_form else {"Content-Type": "application/pdf"}
    assert await _refused(web, endless(), headers) == (413, "file_too_large")
    assert taken <= 17


async def test_a_form_that_is_all_preamble_ends(web: Server) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"\r\n" * 32768

    assert await _refused(web, endless(), dict(FORM_HEADERS)) == (413, "file_too_large")


async def test_a_file_of_exactly_the_limit_is_taken(web: Server) -> None:
    exact = PDF + b"x" * (MEGABYTE - len(PDF))
    for content in (exact, stream([exact[:70_000], exact[70_000:]])):
        answer = await web.client.post("/api/jobs", content=content, headers={"Content-Type": "application/pdf"})
        assert answer.status_code == 202
    answer = await web.client.post("/api/jobs", files={"file": ("x.pdf", exact)}, data={"mode": "ocr"})
    assert answer.status_code == 202


async def test_uploads_past_the_budget_are_told_to_come_again() -> None:
    web = server(max_direct_upload_mb=2, upload_budget_mb=3)
    gate = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield PDF
        await gate.wait()
        yield b"more"

    headers = {"Content-Type": "application/pdf"}
    async with web.client:
        first = asyncio.create_task(web.client.post("/api/jobs", content=slow(), headers=headers))
        await asyncio.sleep(0.01)
        refused = await web.client.post("/api/jobs", content=PDF + b"x" * MEGABYTE, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) > 0
        small = await web.client.post("/api/jobs", content=PDF, headers=headers)
        assert small.status_code == 202
        gate.set()
        assert (await first).status_code == 202
        again = await web.client.post("/api/jobs", content=PDF + b"x" * MEGABYTE, headers=headers)
        assert again.status_code == 202


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\\\scans\\\\a.pdf", "a.pdf"),
        ("", "document"),
        ("..", "document"),
        ("na\x00me\x1b.pdf", "name.pdf"),
        ("x" * 4000 + ".pdf", "x" * 255),
        ("Übersicht 日本.pdf", "Übersicht 日本.pdf"),
    ],
)
async def test_file_names_are_for_display_alone(web: Server, sent: str, shown: str) -> None:
    answer = await web.client.post("/api/jobs", content=form(part("file", PDF, sent)), headers=FORM_HEADERS)
    assert answer.status_code == 202
    record = answer.json()
    assert record["file_info"]["filename"] == shown
    prefix = layout.job_prefix(ANONYMOUS, record["job_id"])
    assert await web.names(prefix) == [f"{prefix}raw/document.pdf"]


async def test_forms_of_too_many_pieces_are_refused(web: Server) -> None:
    fields = [part(f"dpi{number}" if number else "dpi", b"100") for number in range(2)]
    assert await _form_refused(web, *fields, part("file", PDF, "a.pdf")) == (400, "option_invalid")
    headers = "".join(f"X-{number}: x\r\n" for number in range(17))
    piece = f"--{BOUNDARY}\r\n{headers}\r\n".encode() + b"x\r\n"
    assert await _form_refused(web, piece) == (400, "body_malformed")


async def test_a_form_has_so_many_parts_at_the_most() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield form(*[part("dpi", b"100")] * 101)

    with pytest.raises(BodyMalformed, match="more than 100 parts"):
        async for _ in parts(body(), BOUNDARY.encode()):
            pass


async def test_nothing_of_a_document_that_was_too_large_stays_in_memory() -> None:
    web = server(max_direct_upload_mb=1)
    held: list[weakref.ref[IncomingBody]] = []

    class Watched(IncomingBody):
        def __init__(self, request: Request) -> None:
            super().__init__(request)
            held.append(weakref.ref(self))

    async with web.client:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("serve_app.routes.jobs.IncomingBody", Watched)
            for content in (PDF + bytes(2 * MEGABYTE), stream([PDF, bytes(2 * MEGABYTE)])):
                assert (await web.client.post("/api/jobs", content=content)).status_code == 413
    gc.collect()
    assert [body for body in held if body() is not None] == []
    assert len(held) == 2
