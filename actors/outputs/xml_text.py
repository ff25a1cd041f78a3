"""Text inside XML: what XML can't carry is dropped, what means something to it is escaped."""

from __future__ import annotations

import re
from html import escape

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Whatever XML 1.0 knows no character for: control characters, halves of surrogate pairs, U+FFFE and U+FFFF."""


_UNFIT = re.compile(f"[&<>\"']|{_FORBIDDEN.pattern}")


def sound(text: str) -> str:
    return _FORBIDDEN.sub("", text)


def xml_text(text: str) -> str:
    """Fit to stand between tags, and in an attribute between quotes of either kind."""
    if not _UNFIT.search(text):  # nearly always
        return text
    return escape(sound(text), quote=True)
