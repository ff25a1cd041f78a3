"""The documentation page: whole, from this server alone, and under a strict policy."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.serve_app.builders import Server


class Addresses(HTMLParser):
    """What a page would load, and what it would run by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.inline = ""
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.loaded += [value for name in ("src", "href", "spec-url") if (value := named.get(name))]
        self.inline += "".join(name for name in named if name.startswith("on"))
        self._in_script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.inline += data.strip()
            self._in_script = False


async def test_the_page_needs_nothing_from_elsewhere(web: Server) -> None:
    answer = await web.client.get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = Addresses()
    page.feed(answer.text)
    assert page.inline == ""
    own = [address for address in page.loaded if address != "data:,"]
    assert "openapi.json" in own
    for address in own:
        assert re.match(r"[a-z]+:|/", address) is None, "it is relative, so that a prefix in front does no harm"
        loaded = await web.client.get(f"/{address}")
        assert loaded.status_code == 200
        assert loaded.content


@pytest.mark.parametrize("path", ["/docs", "/docs/docs.css", "/docs/openapi-explorer.min.js"])
async def test_its_policy_is_strict(web: Server, path: str) -> None:
    headers = (await web.client.get(path)).headers
    policy = {rule.split()[0]: rule.split()[1:] for rule in headers["content-security-policy"].split(";")}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


async def test_the_media_types_are_said(web: Server) -> None:
    kinds = {
        name: (await web.client.get(f"/docs/{name}")).headers["content-type"]
        for name in ("docs.css", "openapi-explorer.min.js")
    }
    assert kinds == {
        "docs.css": "text/css; charset=utf-8",
        "openapi-explorer.min.js": "text/javascript; charset=utf-8",
    }


@pytest.mark.parametrize("name", ["nothing", "docs.html", "manifest.json", "..%2f..%2fpyproject.toml", "%00"])
async def test_no_other_file_is_served(web: Server, name: str) -> None:
    answer = await web.client.get(f"/docs/{name}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
