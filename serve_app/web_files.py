"""Files of the package that browsers are sent: read once, none of them fetched from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

MEDIA_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
"""The media type by extension; a file of another one is sent to nobody."""

_DOCS_FILES = ("docs.css", "vendor/openapi-explorer.min.js")


@dataclass(frozen=True, slots=True)
class WebFile:
    content: bytes
    media_type: str


def web_file(path: str) -> WebFile:
    """path: below serve_app/web."""
    return _read(_folder().joinpath(*path.split("/")))


def docs_page() -> WebFile:
    return web_file("docs.html")


def docs_files() -> Mapping[str, WebFile]:
    """What the documentation page is made of, by the last part of its path."""
    return {path.rpartition("/")[2]: web_file(path) for path in _DOCS_FILES}


def page_files() -> Mapping[str, WebFile]:
    """What the web page is made of beside its index.html, by path below serve_app/web, in a fixed order."""
    found = {
        path: file for path, file in _walk(_folder(), "") if path not in _DOCS_FILES and not path.endswith(".html")
    }
    return {path: _read(found[path]) for path in sorted(found)}


def _folder() -> Traversable:
    return files("serve_app").joinpath("web")


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _walk(entry, f"{above}{entry.name}/")
        elif _extension(entry) in MEDIA_TYPES:
            yield above + entry.name, entry


def _read(file: Traversable) -> WebFile:
    return WebFile(file.read_bytes(), MEDIA_TYPES[_extension(file)])


def _extension(file: Traversable) -> str:
    return file.name.rpartition(".")[2]
