"""The API's ``fields`` parameter: which parts of an answer are wanted, such as ``items(name,size),nextPageToken``."""

from __future__ import annotations

import re
from typing import Any

Selection = dict[str, "Selection"]
"""Wanted names, each with what is wanted of it; empty: all."""

_TOKEN = re.compile(r"[A-Za-z0-9_]+|[(),]")


def parse_fields(text: str) -> Selection:
    """ValueError where it is malformed."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text:
        raise ValueError(f"{text!r} is no selection of fields")
    selection = _parse(tokens)
    if tokens:
        raise ValueError(f"{text!r} closes more than it opens")
    return selection


def _parse(tokens: list[str]) -> Selection:
    wanted: Selection = {}
    while tokens and tokens[0] != ")":
        name = tokens.pop(0)
        inner: Selection = {}
        if tokens[:1] == ["("]:
            tokens.pop(0)
            inner = _parse(tokens)
            if tokens[:1] != [")"]:
                raise ValueError("a parenthesis is not closed")
            tokens.pop(0)
        wanted[name] = inner
        if tokens[:1] == [","]:
            tokens.pop(0)
    return wanted


def select(content: Any, wanted: Selection) -> Any:
    """``content`` reduced to what is wanted."""
    if not wanted:
        return content
    if isinstance(content, list):
        return [select(item, wanted) for item in content]
    return {name: select(content[name], inner) for name, inner in wanted.items() if name in content}
