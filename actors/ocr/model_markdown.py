"""What models write around a page of Markdown goes: a fence about it all, the prompt come back, marks of a chat.

Pure. Only what stands around the page is taken away; inside nothing is touched, so a fence about a part stays.
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^(```+|~~~+)[ \t]*(?:markdown|md|html|text|txt|plaintext)?[ \t]*$", re.IGNORECASE)
_NAMED_FENCE = re.compile(r"^(```+|~~~+)[ \t]*(?:markdown|md)[ \t]*$", re.IGNORECASE)
_ANY_FENCE = re.compile(r"^[ \t]*(?:```|~~~)")
_FIRST_MARKS = re.compile(r"(?:<\|[a-z_0-9]+\|>|</?s>|\s)+", re.IGNORECASE)
_LAST_MARK = re.compile(r"(?:<\|[a-z_0-9]+\|>|</?s>)$", re.IGNORECASE)
_LONGEST_MARK = 100
_ROLE = re.compile(r"^(?:user|assistant)\s*:?[ \t]*(?:\n+|$)", re.IGNORECASE)
_INTRODUCTION = re.compile(r"^[^\n]{1,200}:[ \t]*\n+")


def page_markdown(reply: str, prompt: str = "") -> str:
    """The page's own Markdown. prompt: what the model was asked, "" where it is not known."""
    text = _without_prompt(_without_marks(reply), prompt)
    return _without_fence(text).strip()


def _without_marks(text: str) -> str:
    """In time that grows with the text, however much white space a model that lost its way has written."""
    first = _FIRST_MARKS.match(text)
    text = text[first.end() if first else 0 :].rstrip()
    while last := _LAST_MARK.search(text, max(0, len(text) - _LONGEST_MARK)):
        text = text[: last.start()].rstrip()
    return text


def _without_prompt(text: str, prompt: str) -> str:
    """White space may have changed on the way; the roles of a chat go only together with the prompt."""
    words = prompt.split()
    if not words:
        return text
    begun = _ROLE.sub("", text)
    echo = re.match(r"\s*" + r"\s+".join(re.escape(word) for word in words) + r"\s*", begun)
    if echo is None:
        return text
    return _ROLE.sub("", begun[echo.end() :])


def _without_fence(text: str) -> str:
    introduced = _INTRODUCTION.sub("", text, count=1)
    lines = introduced.split("\n")
    if introduced != text and not (_NAMED_FENCE.match(lines[0]) and _closed_at_the_end(lines)):
        lines = text.split("\n")
    opening = _FENCE.match(lines[0])
    if opening is None:
        return text
    if _closed_at_the_end(lines):
        return "\n".join(lines[1:-1])
    # The model has forgotten the end of it, and there is no other: what is not Markdown's own name may be the page's.
    alone = not any(_ANY_FENCE.match(line) for line in lines[1:])
    return "\n".join(lines[1:]) if alone and _NAMED_FENCE.match(lines[0]) else text


def _closed_at_the_end(lines: list[str]) -> bool:
    """Whether the fence that the first line opens is closed by the last, those between being pairs."""
    opening = _FENCE.match(lines[0])
    if opening is None or len(lines) < 2 or lines[-1].strip() != opening[1]:
        return False
    inside = [line.strip().strip("`~") for line in lines[1:-1] if _ANY_FENCE.match(line)]
    # What closes a fence names no language. Two fences in a row, without a name, might as well be a pair inside.
    named = _NAMED_FENCE.match(lines[0]) is not None
    return len(inside) % 2 == 0 and not any(inside[1::2]) and (named or all(inside[::2]))
