"""The plain text of a page in Markdown, as models write it: with tables and marks in HTML, too. Pure.

Marks go, what they mark stays; cells of a table are kept apart by tabs. It is no parser of Markdown: what it does not
know it leaves as it is.
"""

from __future__ import annotations

import html
import re

_CELL_END = re.compile(r"</t[dh]\s*>\s*(?=<t[dh]\b)", re.IGNORECASE)
_LINE_END = re.compile(r"<br\s*/?>|</(?:tr|p|div|li|h[1-6]|table|caption)\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_FENCE = re.compile(r"^\s*(?:```|~~~)[\w-]*\s*$")
_RULE = re.compile(r"^(?=[-:|\s]*---|\|[-:|\s]*-)[-:|\s]+$|^[*\s]{3,}$")
_TABLE_ROW = re.compile(r"^\s*\|(.*)\|\s*$")
_LEAD = re.compile(r"^(\s*)(?:#{1,6}|>)\s+")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])")
_CODE = re.compile(r"`([^`\n]+)`")


def plain_text(markdown: str) -> str:
    text = _TAG.sub("", _LINE_END.sub("\n", _CELL_END.sub("\t", markdown)))
    lines = (_plain_line(line) for line in text.split("\n") if not _FENCE.match(line) and not _RULE.match(line))
    joined = html.unescape("\n".join(line.rstrip() for line in lines))
    return re.sub(r"\n{3,}", "\n\n", joined).strip()


def _plain_line(line: str) -> str:
    if row := _TABLE_ROW.match(line):
        line = "\t".join(cell.strip() for cell in row[1].split("|"))
    line = _LINK.sub(r"\1", _LEAD.sub(r"\1", line))
    for mark, kept in ((_STRONG, r"\2"), (_EMPHASIS, r"\1"), (_CODE, r"\1")):
        line = mark.sub(kept, line)
    return line
