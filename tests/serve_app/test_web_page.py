"""The web page as it is sent: whole, small, of one version, and under a policy that lets nothing else in."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import posixpath
import re

import pytest

from serve_app.web_page import WebPage, web_page

KILOBYTE = 1 << 10
MOST_BYTES = 150 * KILOBYTE
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]""")
URL_OF_MODULE = re.compile(r"new URL\('([^']+)', import\.meta\.url\)")


@pytest.fixture(scope="module")
def page() -> WebPage:
    return web_page()


@pytest.fixture(scope="module")
def import_map(page: WebPage) -> dict[str, str]:
    found = re.search(r'<script type="importmap">(.*?)</script>', page.index.content.decode(), re.DOTALL)
    assert found is not None
    names: dict[str, str] = json.loads(found[1])["imports"]
    return names


def test_all_of_it_is_below_the_limit(page: WebPage) -> None:
    sizes = {path: len(file.as_sent) for path, file in page.files.items()}
    assert len(page.index.as_sent) + sum(sizes.values()) < MOST_BYTES, sizes


def test_what_the_documentation_page_needs_is_no_part_of_it(page: WebPage) -> None:
    assert not [path for path in page.files if "openapi" in path or path.endswith((".html", ".json", "LICENSE"))]


def test_what_the_index_names_is_there(page: WebPage, import_map: dict[str, str]) -> None:
    prefix = f"web/{page.version}/"
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.index.content.decode())
    own = [address for address in [*addresses, *import_map.values()] if address != "docs"]
    assert len(own) >= 8
    for address in own:
        path = address.removeprefix("./")
        assert path.startswith(prefix), "it is relative, so that a prefix in front does no harm"
        assert path.removeprefix(prefix) in page.files


def test_every_import_leads_somewhere(page: WebPage, import_map: dict[str, str]) -> None:
    for path, file in page.files.items():
        if not path.startswith("app/"):
            continue
        text = re.sub(r"^\s*(//|\*|/\*).*$", "", file.content.decode(), flags=re.MULTILINE)
        for target in IMPORT.findall(text) + URL_OF_MODULE.findall(text):
            if target.startswith("."):
                named = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
                assert named in page.files, (path, target)
            else:
                assert target in import_map, (path, target)


def test_all_that_the_first_view_needs_is_named_in_the_index(page: WebPage) -> None:
    named = set(re.findall(r'rel="modulepreload" href="web/[0-9a-f]+/([^"]+)"', page.index.content.decode()))
    assert {"app/main.js", "app/views/home.js", "app/api.js", "vendor/preact.module.js"} <= named
    assert "vendor/tus.min.js" not in named, "it comes with the first large file"
    for path in named:
        statically = re.findall(r"^(?:import|export) .*'(\.[^']+)'$", page.files[path].content.decode(), re.MULTILINE)
        beside = {posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) for target in statically}
        assert beside <= named, path


def test_the_import_map_is_allowed_by_its_hash_and_no_other_script_stands_in_the_page(page: WebPage) -> None:
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page.index.content.decode(), re.DOTALL)
    inline = [text for text in scripts if text.strip()]
    assert len(inline) == 1
    digest = base64.b64encode(hashlib.sha256(inline[0].encode()).digest()).decode()
    policy = {rule.split()[0]: rule.split()[1:] for rule in page.policy.split(";")}
    assert policy["script-src"] == ["'self'", f"'sha256-{digest}'"]
    assert "unsafe" not in page.policy
    assert policy["default-src"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == ["'none'"]


def test_no_style_and_no_handler_stands_in_the_page(page: WebPage) -> None:
    assert re.search(r"<style|\sstyle=|\son\w+=", page.index.content.decode()) is None


def test_packing_loses_nothing(page: WebPage) -> None:
    packed = [file for file in page.files.values() if file.packed is not None]
    assert packed
    for file in packed:
        assert gzip.decompress(file.as_sent) == file.content
        assert len(file.as_sent) < len(file.content)


def test_no_text_is_taken_for_html(page: WebPage) -> None:
    """Pages are strangers' files: what they say is put into the page as text."""
    for path, file in page.files.items():
        if path.startswith("app/"):
            text = file.content.decode()
            assert re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text) is None, path


def test_its_version_is_drawn_from_what_it_holds(page: WebPage) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", page.version)
    assert page.version == web_page.__wrapped__().version
    assert "{version}" not in page.index.content.decode()
