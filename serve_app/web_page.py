"""The web page, ready to be sent: index.html and its files, under a version that is drawn from all they hold.

Every file's address has the version in it, so browsers keep files for ever and never mix those of two versions; the
modules find each other by relative paths. index.html alone is asked for again, with an ETag. Its import map is the one
script that stands in the page itself, and is allowed by its hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from serve_app.web_files import WebFile, page_files, web_file

_VERSION = "{version}"
_MODULES = "{modules}"
_FIRST = ("app/main.js", "app/views/home.js")
_IMPORT = re.compile(r"""^(?:import|export) [^'"]*['"](\.[^'"]+)['"]""", re.MULTILINE)
_INLINE_SCRIPT = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)
_WORTH_PACKING = 0.9
"""What does not become smaller than this share of itself is sent as it is."""


@dataclass(frozen=True, slots=True)
class PackedFile:
    """packed: the content in gzip, None where that saves nothing."""

    content: bytes
    packed: bytes | None
    media_type: str

    @property
    def as_sent(self) -> bytes:
        """To a browser, all of which take gzip."""
        return self.content if self.packed is None else self.packed


@dataclass(frozen=True, slots=True)
class WebPage:
    """files: by path below ``web/<version>/``. policy: the Content-Security-Policy of index.html."""

    version: str
    index: PackedFile
    files: Mapping[str, PackedFile]
    policy: str

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


@cache
def web_page() -> WebPage:
    """Reads and packs what the package carries, once in each process."""
    index, held = web_file("index.html"), page_files()
    version = _version(index, held)
    text = index.content.decode().replace(_MODULES, _preloads(held)).replace(_VERSION, version)
    content = text.encode()
    return WebPage(
        version=version,
        index=_packed(WebFile(content, index.media_type)),
        files={path: _packed(file) for path, file in held.items()},
        policy=_policy(content),
    )


def _version(index: WebFile, held: Mapping[str, WebFile]) -> str:
    digest = hashlib.sha256(index.content)
    for path, file in held.items():
        digest.update(f"\0{path}\0{len(file.content)}\0".encode())
        digest.update(file.content)
    return digest.hexdigest()[:16]


def _preloads(held: Mapping[str, WebFile]) -> str:
    """The modules that the first view needs, named in the page: none is asked for only once another has come."""
    needed = [*(path for path in held if path.endswith(".module.js")), *_FIRST]
    for path in needed:
        for target in _IMPORT.findall(held[path].content.decode()):
            named = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if named not in needed:
                needed.append(named)
    return "\n    ".join(f'<link rel="modulepreload" href="web/{_VERSION}/{path}">' for path in needed)


def _packed(file: WebFile) -> PackedFile:
    packed = gzip.compress(file.content, mtime=0)
    smaller = len(packed) < _WORTH_PACKING * len(file.content)
    return PackedFile(file.content, packed if smaller else None, file.media_type)


def _policy(index: bytes) -> str:
    """Nothing from elsewhere, no style and no script in the page but the import map, no text ever taken for HTML.

    Pictures of pages are fetched with the API key, so they are shown from ``blob:``.
    """
    hashes = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in _INLINE_SCRIPT.findall(index)]
    scripts = " ".join(["'self'", *(f"'sha256-{each}'" for each in hashes)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    )
