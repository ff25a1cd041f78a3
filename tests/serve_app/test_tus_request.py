"""What is refused of resumable uploads, and how that is told."""

from __future__ import annotations

import pytest

from cluster import layout
from cluster.resumable_upload import UploadInfo, encode_upload
from tests.serve_app.builders import Server, server, stream
from tests.serve_app.tus import CHUNK, VERSION, created, offset_of, patched, refusal, stored_content

MEGABYTE = 1 << 20
NEVER = "0197a3c0-0000-7000-8000-000000000001"


@pytest.mark.parametrize("version", [None, "0.2.2", "2.0.0", "x" * 500])
async def test_another_version_is_a_failed_precondition(web: Server, version: str | None) -> None:
    path = await created(web.client, 4)
    headers = {} if version is None else {"Tus-Resumable": version}
    patch = {**CHUNK, "Upload-Offset": "0"}
    del patch["Tus-Resumable"]
    answers = [
        await web.client.post("/api/uploads", headers={"Upload-Length": "4", **headers}),
        await web.client.patch(path, content=b"abcd", headers={**patch, **headers}),
        await web.client.delete(path, headers=headers),
    ]
    for answer in answers:
        assert refusal(answer) == (412, "tus_version_unsupported")
        assert "1.0.0" in answer.json()["detail"]
        assert answer.headers["tus-version"] == "1.0.0"
    assert (await web.client.head(path, headers=headers)).status_code == 412
    assert await offset_of(web.client, path) == 0


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, "`Upload-Length` is missing"),
        ({"Upload-Length": "-1"}, "`Upload-Length` is `-1`"),
        ({"Upload-Length": "1e9"}, "`Upload-Length` is `1e9`"),
        ({"Upload-Length": "9" * 400}, "`Upload-Length` is `9999"),
        ({"Upload-Defer-Length": "1"}, "`Upload-Defer-Length` is not supported"),
        ({"Upload-Length": "4", "Upload-Concat": "partial"}, "`Upload-Concat` is not supported"),
        ({"Upload-Length": "4", "Upload-Metadata": "filename YS5"}, "the value of `filename`"),
        ({"Upload-Length": "4", "Upload-Metadata": "filename /w=="}, "the value of `filename`"),
        ({"Upload-Length": "4", "Upload-Metadata": "a YQ==,a YQ=="}, "there twice: `a`"),
        ({"Upload-Length": "4", "Upload-Metadata": ",,"}, "a key that is bad"),
        ({"Upload-Length": "4", "Upload-Metadata": "filename " + "YWFh" * 5000}, "longer than 16 KB"),
    ],
)
async def test_bad_creations(web: Server, headers: dict[str, str], said: str) -> None:
    answer = await web.client.post("/api/uploads", headers={**VERSION, **headers})
    assert refusal(answer) == (400, "option_invalid")
    assert said in answer.json()["detail"]
    assert await web.names() == []


async def test_an_empty_upload_is_refused(web: Server) -> None:
    answer = await web.client.post("/api/uploads", headers={**VERSION, "Upload-Length": "0"})
    assert refusal(answer) == (400, "file_empty")
    assert await web.names() == []


async def test_a_body_of_another_kind_is_refused(web: Server) -> None:
    headers = {**VERSION, "Upload-Length": "4", "Content-Type": "application/pdf"}
    answer = await web.client.post("/api/uploads", content=b"abcd", headers=headers)
    assert refusal(answer) == (415, "media_type_unsupported")
    assert await web.names() == []
    path = await created(web.client, 4)
    for kind in ("application/pdf", ""):
        headers = {**CHUNK, "Upload-Offset": "0", "Content-Type": kind}
        answer = await web.client.patch(path, content=b"abcd", headers=headers)
        assert refusal(answer) == (415, "media_type_unsupported")
        assert "application/offset+octet-stream" in answer.json()["detail"]
    assert await offset_of(web.client, path) == 0


async def test_an_upload_above_the_limit_is_refused_before_a_byte() -> None:
    web = server(max_upload_mb=2)
    async with web.client:
        answer = await web.client.post("/api/uploads", headers={**VERSION, "Upload-Length": str(2 * MEGABYTE + 1)})
        assert refusal(answer) == (413, "file_too_large")
        assert "2 MB" in answer.json()["detail"]
        assert (await web.client.options("/api/uploads")).headers["tus-max-size"] == str(2 * MEGABYTE)
        assert await web.names() == []
        await created(web.client, 2 * MEGABYTE)


@pytest.mark.parametrize("offset", ["", "-1", "x", "٣"])
async def test_bad_offsets(web: Server, offset: str) -> None:
    path = await created(web.client, 4)
    headers = [(name.encode(), value.encode()) for name, value in {**CHUNK, "Upload-Offset": offset}.items()]
    answer = await web.client.patch(path, content=b"abcd", headers=headers)
    assert refusal(answer) == (400, "option_invalid")
    missing = await web.client.patch(path, content=b"abcd", headers=CHUNK)
    assert "`Upload-Offset` is missing" in missing.json()["detail"]


@pytest.mark.parametrize("offset", [0, 1, 3, 4, 10**17])
async def test_an_offset_where_the_upload_does_not_stand(web: Server, offset: int) -> None:
    path = await created(web.client, 4)
    await patched(web.client, path, 0, b"ab")
    answer = await patched(web.client, path, offset, b"cd")
    assert refusal(answer) == (409, "upload_offset_mismatch")
    assert "stands at 2" in answer.json()["detail"]
    assert await stored_content(web, path) == b"ab"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_past_the_uploads_length(web: Server, announced: bool) -> None:
    path = await created(web.client, 4)
    answer = await patched(web.client, path, 0, b"abcde" if announced else stream([b"ab", b"cde"]))
    assert refusal(answer) == (413, "file_too_large")
    assert "length of 4 bytes" in answer.json()["detail"]
    assert await offset_of(web.client, path) == 0


@pytest.mark.parametrize(
    "name", ["nothing", "..%2f..%2fusers", "a%00b", "x" * 4000, "0197a3c0-0000-7000-8000-000000000001"]
)
async def test_an_upload_that_is_not_there(web: Server, name: str) -> None:
    path = f"/api/uploads/{name}"
    assert (await web.client.head(path, headers=VERSION)).status_code == 404
    for answer in [await patched(web.client, path, 0, b"a"), await web.client.delete(path, headers=VERSION)]:
        assert answer.status_code == 404
        assert answer.json()["code"] == ("not_found" if "%2f" in name else "upload_not_found")
    assert not web.store.writes


async def test_another_users_upload_is_not_there(web: Server) -> None:
    path = await created(web.client, 4)
    info = layout.upload_info(path.rpartition("/")[2])
    await web.store.put(info, encode_upload(UploadInfo("ada@example.org", 4, "", "")))
    assert (await web.client.head(path, headers=VERSION)).status_code == 404
    assert refusal(await patched(web.client, path, 0, b"abcd")) == (404, "upload_not_found")
    assert refusal(await web.client.delete(path, headers=VERSION)) == (404, "upload_not_found")
    assert await web.names() == [info]


async def test_wrong_methods(web: Server) -> None:
    path = await created(web.client, 4)
    answer = await web.client.get(path, headers=VERSION)
    assert refusal(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "DELETE, HEAD, OPTIONS, PATCH"
    assert (await web.client.put("/api/uploads")).headers["allow"] == "OPTIONS, POST"


async def test_an_upload_in_more_parts_than_may_be(web: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.resumable_uploads.MOST_PARTS", 2)
    monkeypatch.setattr("serve_app.resumable_uploads._LISTED", 2)
    path = await created(web.client, 4)
    for offset in range(2):
        assert (await patched(web.client, path, offset, b"x")).status_code == 204
    answer = await patched(web.client, path, 2, b"x")
    assert refusal(answer) == (400, "body_malformed")
    assert "chunks of 8 MB" in answer.json()["detail"]


async def test_an_unreadable_info_is_a_clear_error(web: Server) -> None:
    path = await created(web.client, 4)
    await web.store.put(layout.upload_info(path.rpartition("/")[2]), b"{}")
    assert refusal(await patched(web.client, path, 0, b"x")) == (500, "record_damaged")
