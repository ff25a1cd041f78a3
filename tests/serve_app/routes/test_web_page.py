"""The web page over HTTP: what is kept for ever, what is asked again, who gets it, and what else is not there."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from serve_app.web_page import web_page
from tests.serve_app.builders import Server, keyed_server

PAGE = web_page()
SCRIPT = f"/web/{PAGE.version}/app/main.js"


async def test_the_page_is_asked_for_again_and_sent_once(web: Server) -> None:
    answer = await web.client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"
    again = await web.client.get("/", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    changed = await web.client.get("/", headers={"If-None-Match": '"of an older version"'})
    assert changed.status_code == 200


async def test_its_files_are_kept_for_ever_under_their_version(web: Server) -> None:
    answer = await web.client.get(SCRIPT)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    assert SCRIPT.removeprefix("/") in (await web.client.get("/")).text


async def test_the_media_types_are_said(web: Server) -> None:
    kinds = {
        name: (await web.client.get(f"/web/{PAGE.version}/{name}")).headers["content-type"]
        for name in ("style.css", "icon.svg", "vendor/htm.module.js")
    }
    assert kinds == {
        "style.css": "text/css; charset=utf-8",
        "icon.svg": "image/svg+xml",
        "vendor/htm.module.js": "text/javascript; charset=utf-8",
    }


@pytest.mark.parametrize("path", ["/", SCRIPT])
async def test_the_headers_are_strict(web: Server, path: str) -> None:
    headers = (await web.client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["vary"] == "Accept-Encoding"


async def test_the_page_has_a_policy(web: Server) -> None:
    headers = (await web.client.get("/")).headers
    assert headers["content-security-policy"] == PAGE.policy
    assert headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("identity", False),
        ("", False),
        ("xgzip", False),
    ],
)
@pytest.mark.parametrize("path", ["/", SCRIPT])
async def test_it_is_packed_for_those_who_take_that(web: Server, path: str, accepted: str, packed: bool) -> None:
    async with web.client.stream("GET", path, headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
        assert ("content-encoding" in answer.headers) is packed
        assert answer.headers["content-length"] == str(len(raw))
    plain = gzip.decompress(raw) if packed else raw
    assert plain == (PAGE.index if path == "/" else PAGE.files["app/main.js"]).content


@pytest.mark.parametrize(
    "path",
    [
        "/web",
        "/web/",
        f"/web/{PAGE.version}",
        f"/web/{PAGE.version}/",
        f"/web/{PAGE.version}/index.html",
        f"/web/{PAGE.version}/docs.css",
        f"/web/{PAGE.version}/vendor/manifest.json",
        f"/web/{PAGE.version}/vendor/htm.LICENSE",
        f"/web/{PAGE.version}/../web_page.py",
        f"/web/{PAGE.version}/..%2f..%2fpyproject.toml",
        f"/web/{PAGE.version}/app//main.js",
        f"/web/{PAGE.version}/%00",
        "/web/0123456789abcdef/app/main.js",
    ],
)
async def test_no_other_file_is_served(web: Server, path: str) -> None:
    answer = await web.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_it_is_only_read(web: Server, method: str) -> None:
    assert (await web.client.request(method, "/")).status_code == 405


async def test_head_tells_as_much_as_get(web: Server) -> None:
    answer = await web.client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == f'W/"{PAGE.version}"'


async def test_without_a_key_the_page_is_there_and_the_api_is_not(tmp_path: Path) -> None:
    web = keyed_server(tmp_path)
    async with web.client:
        assert (await web.client.get("/")).status_code == 200
        assert (await web.client.get(SCRIPT)).status_code == 200
        assert (await web.client.get("/api/jobs")).status_code == 401


async def test_the_page_names_nothing_from_elsewhere(web: Server) -> None:
    text = (await web.client.get("/")).text
    assert re.search(r"(src|href)=\"(?:[a-z]+:)?//", text) is None
