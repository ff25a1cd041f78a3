"""Resumable uploads by hand-made requests: what the tus protocol asks for, and what is refused."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime

from cluster import layout
from cluster.ids import new_job_id
from cluster.resumable_upload import LIFETIME, decode_upload
from serve_app.identity import ANONYMOUS
from tests.serve_app.builders import PDF, Server, server, stream
from tests.serve_app.tus import CHUNK, VERSION, created, metadata, offset_of, patched, refusal, stored_content, uploaded

MEGABYTE = 1 << 20


async def test_options_tell_what_the_server_can_do(web: Server) -> None:
    for path in ("/api/uploads", f"/api/uploads/{new_job_id()}"):
        answer = await web.client.options(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["tus-resumable"] == answer.headers["tus-version"] == "1.0.0"
        assert answer.headers["tus-extension"] == "creation,creation-with-upload,termination,expiration"
        assert int(answer.headers["tus-max-size"]) == 500 * MEGABYTE


async def test_an_upload_in_pieces(web: Server) -> None:
    headers = {**VERSION, "Upload-Length": "10", **metadata(filename="a.pdf")}
    answer = await web.client.post("/api/uploads", headers=headers)
    assert (answer.status_code, answer.content) == (201, b"")
    path = answer.headers["location"]
    upload_id = path.removeprefix("/api/uploads/")
    info = decode_upload((await web.store.read(layout.upload_info(upload_id))).data)
    assert (info.user_email, info.length, info.metadata) == (ANONYMOUS, 10, "filename YS5wZGY=")
    first = await patched(web.client, path, 0, b"0123")
    assert (first.status_code, first.headers["upload-offset"]) == (204, "4")
    asked = await web.client.head(path, headers=VERSION)
    assert (asked.status_code, asked.content) == (200, b"")
    assert (asked.headers["upload-offset"], asked.headers["upload-length"]) == ("4", "10")
    assert asked.headers["upload-metadata"] == "filename YS5wZGY="
    assert asked.headers["cache-control"] == "no-store"
    assert (await patched(web.client, path, 4, stream([b"45", b"", b"6789"]))).headers["upload-offset"] == "10"
    assert await stored_content(web, path) == b"0123456789"
    assert await web.names() == [
        layout.upload_info(upload_id),
        layout.upload_part(upload_id, 0),
        layout.upload_part(upload_id, 4),
    ]
    empty = await patched(web.client, path, 10, b"")
    assert (empty.status_code, empty.headers["upload-offset"]) == (204, "10")


async def test_any_replica_takes_the_next_piece(web: Server) -> None:
    path = await created(web.client, 6)
    await patched(web.client, path, 0, b"abc")
    other = server(store=web.store)
    async with other.client:
        assert await offset_of(other.client, path) == 3
        assert (await patched(other.client, path, 3, b"def")).status_code == 204
    assert await offset_of(web.client, path) == 6
    assert await stored_content(web, path) == b"abcdef"


async def test_parts_are_of_eight_megabytes_however_the_body_comes(web: Server) -> None:
    web = server(upload_budget_mb=40)
    content = bytes(range(256)) * (20 * MEGABYTE // 256) + b"end"
    async with web.client:
        path = await created(web.client, len(content))
        pieces = [content[at : at + 3_000_001] for at in range(0, len(content), 3_000_001)]
        assert (await patched(web.client, path, 0, stream(pieces))).status_code == 204
    stored = await web.store.list(layout.upload_parts(path.rpartition("/")[2]))
    assert [part.size for part in stored] == [8 * MEGABYTE, 8 * MEGABYTE, 4 * MEGABYTE + 3]
    assert await stored_content(web, path) == content


async def test_creation_may_bring_the_first_piece(web: Server) -> None:
    headers = {**CHUNK, "Upload-Length": "5"}
    answer = await web.client.post("/api/uploads", content=b"abc", headers=headers)
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "3")
    assert await stored_content(web, answer.headers["location"]) == b"abc"


async def test_a_post_may_say_that_it_is_another_method(web: Server) -> None:
    path = await created(web.client, 3)
    headers = {**CHUNK, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert (await web.client.post(path, content=b"abc", headers=headers)).status_code == 204
    asked = await web.client.post(path, headers={**VERSION, "X-HTTP-Method-Override": "HEAD"})
    assert (asked.status_code, asked.headers["upload-offset"]) == (200, "3")
    answer = await web.client.post(path, headers={**VERSION, "X-HTTP-Method-Override": "BREW"})
    assert refusal(answer) == (400, "body_malformed")
    got = await web.client.get(path, headers={**VERSION, "X-HTTP-Method-Override": "DELETE"})
    assert refusal(got) == (405, "method_not_allowed"), "a link can't delete"


# ---------------------------------------------------------------- the end of an upload


async def test_termination_removes_everything_at_once(web: Server) -> None:
    path = await created(web.client, 4)
    await patched(web.client, path, 0, b"ab")
    answer = await web.client.delete(path, headers=VERSION)
    assert (answer.status_code, answer.content) == (204, b"")
    assert await web.names() == []
    assert refusal(await web.client.delete(path, headers=VERSION)) == (404, "upload_not_found")
    assert refusal(await patched(web.client, path, 2, b"cd")) == (404, "upload_not_found")


async def test_an_upload_expires_a_day_after_its_creation(web: Server) -> None:
    answer = await web.client.post("/api/uploads", headers={**VERSION, "Upload-Length": "4"})
    path = answer.headers["location"]
    expires = parsedate_to_datetime(answer.headers["upload-expires"])
    assert abs(expires - web.clock.now() - LIFETIME) < timedelta(seconds=1)
    await web.clock.advance(LIFETIME.total_seconds() - 60)
    patch = await patched(web.client, path, 0, b"ab")
    assert patch.headers["upload-expires"] == answer.headers["upload-expires"], "it is not put off"
    await web.clock.advance(60)
    for gone in [await patched(web.client, path, 2, b"cd"), await web.client.delete(path, headers=VERSION)]:
        assert refusal(gone) == (410, "upload_expired")
    assert (await web.client.head(path, headers=VERSION)).status_code == 410


async def test_a_finished_upload_stands_until_it_is_used(web: Server) -> None:
    upload_id = await uploaded(web.client, PDF, filename="a.pdf")
    assert await stored_content(web, upload_id) == PDF
    assert await offset_of(web.client, f"/api/uploads/{upload_id}") == len(PDF)
