"""What a chat completion server's answer means: a page's text, the page's failure, or that one may ask again.

By status and fields alone; the server's own words only go into messages for people.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actors.ocr.retry_after import retry_after_s
from cluster.errors import EngineFailed, EngineGaveUp, PageError

OVERLOADED = frozenset({429, 503})
"""The server has too much to do."""

PASSING = frozenset({429, 502, 503, 504})
"""Says nothing of the page: asked again for as long as the page has time."""

KEY_REFUSED = frozenset({401, 403})

MOST_OF_A_MESSAGE = 300
_BROKEN_OFF = frozenset({"content_filter", "error", "abort"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """No answer, but one may come to the same request later.

    passing: False where the page itself may be the reason, so that it is not asked again for long. overloaded: the
    server gets too many requests. after_s: seconds that it asks for.
    """

    detail: str
    passing: bool = True
    overloaded: bool = False
    after_s: float | None = None


Reply = str | PageError | Refusal
"""str: the Markdown of a page."""


def read_reply(status: int, headers: Mapping[str, str], body: bytes, now: datetime) -> Reply:
    """headers: with names in small letters, or blind to it. now: for a Retry-After that is a date."""
    if status == 200:
        return _read_text(body)
    if status in KEY_REFUSED:  # what the server says here may well repeat the key
        return EngineFailed(f"The server refuses the API key (HTTP {status}).")
    detail = f"The server answered HTTP {status}: {server_message(body)}"
    if status in PASSING or status == 408 or status >= 500:
        after_s = retry_after_s(headers.get("retry-after"), now)
        return Refusal(detail, passing=status in PASSING, overloaded=status in OVERLOADED, after_s=after_s)
    return EngineFailed(detail)


def server_message(body: bytes) -> str:
    """What an error's body says, in one short line."""
    text = body[:100_000].decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text = _said(json.loads(text)) or text
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text[:2000]).split())
    return f"{line[:MOST_OF_A_MESSAGE]}…" if len(line) > MOST_OF_A_MESSAGE else line or "(no message)"


def _said(fields: Any) -> str:
    """The message in the shapes of OpenAI and vLLM (error, message) and of FastAPI (detail); "" where there is none."""
    match fields:
        case {"error": {"message": str(text)}} | {"error": str(text)}:
            return text
        case {"message": str(text)} | {"detail": str(text)} | {"detail": [{"msg": str(text)}, *_]}:
            return text
    return ""


def _read_text(body: bytes) -> Reply:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return EngineFailed("The server's answer is no JSON.")
    match answer:
        case {"choices": [{"message": {"content": content}} as choice, *_]}:
            return _read_choice(content, choice.get("finish_reason"))
        case {"choices": []}:
            return EngineFailed("The server answered without any choice.")
    return EngineFailed("The server's answer has no choice with a message.")


def _read_choice(content: Any, reason: Any) -> Reply:
    if reason == "length":
        return EngineGaveUp(
            "The page's text was cut off at the most tokens a page may have, or the model has room for."
        )
    if reason in _BROKEN_OFF:
        return EngineFailed(f"The server broke the page off: {reason}.")
    match content:
        case str():
            text = content
        case [*parts]:
            text = "".join(part["text"] for part in parts if _is_text(part))
        case _:
            return EngineFailed("The server answered with no text.")
    # JSON can carry half surrogate pairs, which no UTF-8 can.
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def _is_text(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
