"""The client's file name: kept for display alone, never part of a blob's name."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_LENGTH = 255
FALLBACK = "document"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # control, format (bidi overrides), surrogates, line breaks
_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")


def display_name(text: str | None) -> str:
    """The last part of the client's path without control characters, at most 255 characters, never empty."""
    visible = "".join(c for c in text or "" if unicodedata.category(c) not in _INVISIBLE)
    name = re.split(r"[/\\]", visible)[-1].strip()
    return FALLBACK if name in ("", ".", "..") else name[:MAX_LENGTH]


def archive_name(filename: str, extension: str) -> str:
    """``filename`` with another extension, fit to stand in an archive: it leads nowhere else."""
    name = display_name(filename)
    return f"{name.rpartition('.')[0] or name}.{extension}"


def inline_disposition(filename: str, extension: str) -> str:
    """A Content-Disposition header that offers ``filename`` with another extension (RFC 6266)."""
    stem = filename.rpartition(".")[0] or filename
    name = f"{stem}.{extension}"
    plain = _PLAIN.sub("_", name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
