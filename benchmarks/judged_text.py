"""Texts made fit to be compared: the same is done to the true text and to every reading.

- Markdown is stripped to its text, by a parser of Markdown; tags go, what they hold stays.
- Unicode is normalised (NFKC: ligatures, full-width forms); quotation marks and dashes are folded to one of each kind.
- A mark that opens an item of a list goes: any single sign, and ``o`` or ``0`` before a capital, as bullets are read.
- A dash between two letters or digits goes, with the line break behind it: so neither who joins a word that was broken
  at a line's end is at fault, nor who keeps its hyphen. Soft hyphens go.
- Running headers and page numbers are not judged: lines of a reading that are like them are left out (``without``).
- White space is folded to single spaces.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rapidfuzz import fuzz

_SINGLE_QUOTES = "‘’‚‛′`´ʼ"
_DOUBLE_QUOTES = "“”„‟″«»"
_DASHES = "‐‑‒–—―−﹘﹣－"
_FOLDED = str.maketrans(
    {
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict.fromkeys(_DASHES, "-"),
        "\u00ad": None,
        "\u200b": None,
        "\ufeff": None,
    }
)
_BULLET = re.compile(r"^(?:[^\w\s]|[0oO](?=\s+[A-Z]))\s+")
_INNER_DASH = re.compile(r"(?<=\w)-+(?:[^\S\n]*\n\s*)?(?=\w)")
_WORD = re.compile(r"\w+(?:['.,]\w+)*")
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_LINE_END = re.compile(r"<br\s*/?>|</(?:tr|p|div|li|h[1-6]|table|caption)\s*>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dh]\s*>", re.IGNORECASE)
_LIKE = 75.0
_TOO_SHORT_TO_BE_LIKE = 6


def markdown_text(markdown: str) -> str:
    """The text alone, a line for each line; cells of a table are kept apart by tabs. Numbers of lists stay."""
    return "".join(_block(token) for token in _parser().parse(markdown))


def judged(text: str, running: Iterable[str] = ()) -> str:
    """One line, fit to be compared. running: the page's running headers, footers and page numbers."""
    lines = [_BULLET.sub("", line.strip()) for line in _folded(text).splitlines()]
    lines = without([line for line in lines if line], [_folded(line).strip() for line in running])
    return " ".join(_INNER_DASH.sub("", "\n".join(lines)).split())


def words_of(text: str) -> list[str]:
    """Words of a judged text, without the signs between them; case counts."""
    return _WORD.findall(text)


def without(lines: Sequence[str], running: Iterable[str]) -> list[str]:
    """The lines less those that a running line stands in: for each, the one that is most like it, if one is like it.

    A short one, such as a page number, must be the same; of several, the one nearest to the page's ends goes.
    """
    left = list(lines)
    for wanted in running:
        likeness = [(_likeness(wanted, line), -min(at, len(left) - 1 - at), -at) for at, line in enumerate(left)]
        best = max(likeness, default=(0.0, 0, 0))
        if best[0] >= _LIKE:
            del left[-best[2]]
    return left


def _likeness(wanted: str, line: str) -> float:
    """0 to 100."""
    wanted, line = "".join(wanted.split()), "".join(line.split())
    if len(wanted) < _TOO_SHORT_TO_BE_LIKE:
        return 100.0 if wanted == line else 0.0
    return fuzz.ratio(wanted, line)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(_FOLDED)


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _block(token: Token) -> str:
    match token.type:
        case "inline":
            return "".join(_inline(child) for child in token.children or ())
        case "list_item_open":
            return f"{token.info}. " if token.info else ""
        case "th_close" | "td_close":
            return "\t"
        case "paragraph_close" | "heading_close" | "tr_close":
            return "\n"
        case "fence" | "code_block":
            return token.content
        case "html_block":
            return _untagged(token.content)
    return ""


def _inline(token: Token) -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "html_inline":
            return _untagged(token.content)
        case _:
            return token.content


def _untagged(text: str) -> str:
    text = _CELL_END.sub("\t", _LINE_END.sub("\n", text))
    return html.unescape(_TAG.sub("", text))
