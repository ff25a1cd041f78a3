"""Markdown of blocks, and the text and Markdown of a page made of them.

Only what would change its meaning is escaped, so that the text stays readable and can be searched: ``#``, ``>``,
``[1]:``, a bullet or a number of four digits where a line begins with it, and a line of nothing but dashes or a number;
``*``, ``_``, ``~~`` and backticks where two of them could mark what stands between; ``<`` before a letter; ``[`` of a
link; a backslash before a sign; ``|`` in a table; ``#`` at the end of a heading. A number of up to three
digits at the beginning is left: a paragraph that begins so is numbered. Text has no escapes.

Running headers and footers are left out, unless there is nothing else on the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from cluster.page_text import Block, BlockKind, Cell

_PAIRS = (  # what opens and what closes emphasis, by mark
    ("*", re.compile(r"(?<!\*)\*+(?=[^\s*])"), re.compile(r"(?<=[^\s*])\*")),
    ("_", re.compile(r"(?<!\w)_+(?=[^\s_])"), re.compile(r"(?<=[^\s_])_+(?!\w)")),
)
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_START = re.compile(
    r"#{1,6}(?=\s|$)|>|\[[^\]]*\]:|[-+*](?=\s|$)|[-=|:][-=|:\s]*$|(?:[_*]\s?){3,}$|~~~|```"
)  # what begins a heading, a quotation, a table, a link's address, an item, a rule, a fence
_LONG_NUMBER = re.compile(r"(\d{4,9}(?=[.)]\s)|\d{1,9}(?=[.)]$))([.)])")
_ORDERED = re.compile(r"\d{1,9}[.)]$")
INDENT = "    "


def escaped(text: str) -> str:
    """Text that stands inside a paragraph."""
    text = _BACKSLASH.sub(r"\\\\", text) if "\\" in text else text
    for mark, opens, closes in _PAIRS:
        if (opening := opens.search(text)) and closes.search(text, opening.end()):
            text = text.replace(mark, f"\\{mark}")
    for mark in ("`", "~~"):
        if text.count(mark) > 1:
            text = text.replace(mark, "".join(f"\\{character}" for character in mark))
    if "](" in text:
        text = text.replace("[", "\\[")
    if "<" in text:
        text = _TAG.sub(r"\\<", text)
    return _ENTITY.sub(r"\\&", text) if "&" in text else text


def paragraph(text: str) -> str:
    """Lines of the text that are kept apart end in two spaces."""
    return "  \n".join(_opening(line) for line in escaped(text).split("\n"))


def heading(text: str, level: int) -> str:
    text = escaped(" ".join(text.split()))
    bare = text.rstrip("#")
    if len(bare) < len(text) and bare[-1:] in ("", " "):  # else they would close the heading, and go
        text = f"{bare}\\{text[len(bare) :]}"
    return f"{'#' * level} {text}"


def list_item(text: str, marker: str, level: int) -> str:
    """marker: as read; what Markdown does not know, as (a), stays before the text."""
    text = escaped(" ".join(text.split()))
    if _ORDERED.fullmatch(marker):
        lead, text = marker, _opening(text)
    elif marker and any(character.isalnum() for character in marker) and marker not in "oO0":
        lead = f"- {marker}"
    else:
        lead, text = "-", _opening(text)
    return f"{INDENT * (level - 1)}{lead} {text}"


def table(cells: Sequence[Cell]) -> str:
    """As Markdown's table, whose first row is its head; as HTML where cells reach over several rows or columns."""
    if not cells:
        return ""
    if any(cell.row_span > 1 or cell.column_span > 1 for cell in cells):
        return _html_table(cells)
    rows = max(cell.row for cell in cells) + 1
    columns = max(cell.column for cell in cells) + 1
    texts = [["" for _ in range(columns)] for _ in range(rows)]
    for cell in cells:
        texts[cell.row][cell.column] = escaped(cell.text).replace("|", "\\|").replace("\n", " ")
    lines = [f"| {' | '.join(row)} |" for row in texts]
    return "\n".join([lines[0], "|" + " --- |" * columns, *lines[1:]])


def page_text(blocks: Sequence[Block]) -> str:
    return _stacked([(block.kind, block.text) for block in _shown(blocks)])


def page_markdown(blocks: Sequence[Block]) -> str:
    return _stacked([(block.kind, block.markdown) for block in _shown(blocks)])


def _opening(line: str) -> str:
    if _START.match(line):
        return f"\\{line}"
    return _LONG_NUMBER.sub(r"\1\\\2", line, count=1) if _LONG_NUMBER.match(line) else line


def _html_table(cells: Sequence[Cell]) -> str:
    rows: dict[int, list[str]] = {}
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        tag = "th" if cell.row == 0 else "td"
        spans = "".join(
            f' {name}="{span}"'
            for name, span in (("rowspan", cell.row_span), ("colspan", cell.column_span))
            if span > 1
        )
        rows.setdefault(cell.row, []).append(f"<{tag}{spans}>{html.escape(cell.text, quote=False)}</{tag}>")
    return "\n".join(["<table>", *(f"<tr>{''.join(row)}</tr>" for _, row in sorted(rows.items())), "</table>"])


def _shown(blocks: Sequence[Block]) -> Sequence[Block]:
    return [block for block in blocks if not block.kind.running] or blocks


def _stacked(parts: Sequence[tuple[BlockKind, str]]) -> str:
    """Parts with an empty line between, but items of a list right below each other."""
    result = ""
    before: BlockKind | None = None
    for kind, text in parts:
        if not text:
            continue
        tight = kind is BlockKind.LIST_ITEM and before is BlockKind.LIST_ITEM
        result += text if not result else ("\n" if tight else "\n\n") + text
        before = kind
    return result
