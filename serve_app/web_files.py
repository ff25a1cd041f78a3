"""Files of the package that browsers are sent: read once, none of them fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_MEDIA_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
_DOCS_FILES = ("docs.css", "vendor/openapi-explorer.min.js")


@dataclass(frozen=True, slots=True)
class WebFile:
    content: bytes
    media_type: str


def web_file(path: str) -> WebFile:
    """path: below serve_app/web."""
    content = files("serve_app").joinpath("web", *path.split("/")).read_bytes()
    return WebFile(content, _MEDIA_TYPES[path.rpartition(".")[2]])


def docs_page() -> WebFile:
    return web_file("docs.html")


def docs_files() -> Mapping[str, WebFile]:
    """What the documentation page is made of, by the last part of its path."""
    return {path.rpartition("/")[2]: web_file(path) for path in _DOCS_FILES}
