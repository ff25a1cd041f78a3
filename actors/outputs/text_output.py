"""The formats ``txt`` and ``md``.

``txt``: the pages' texts, each ending with a line break; between two pages a line that begins with a form feed.
``md``: before each page an HTML comment with its number, ``<!-- page 3 -->``, which a reader of the rendered text does
not see and a program can split at; then the page's Markdown, or its text where the engine gives none; a blank line
around both.

A page that could not be read leaves a line that says so in its place.
"""

from __future__ import annotations

from actors.outputs.page import OutputDocument, OutputPage


class TextOutput:
    def __init__(self, document: OutputDocument) -> None:
        self._between = ""

    def begin(self) -> bytes:
        return b""

    def page(self, page: OutputPage) -> bytes:
        text = page.gap if page.result is None else page.result.read.text
        between, self._between = self._between, "\f\n"
        return (between + _ended(text)).encode("utf-8", "replace")

    def end(self) -> bytes:
        return b""


class MarkdownOutput:
    def __init__(self, document: OutputDocument) -> None:
        self._between = ""

    def begin(self) -> bytes:
        return b""

    def page(self, page: OutputPage) -> bytes:
        body = _markdown(page)
        between, self._between = self._between, "\n"
        text = f"{between}<!-- page {page.number} -->\n" + (f"\n{_ended(body)}" if body else "")
        return text.encode("utf-8", "replace")

    def end(self) -> bytes:
        return b""


def _markdown(page: OutputPage) -> str:
    if page.result is None:
        return page.gap
    read = page.result.read
    return read.text if read.markdown is None else read.markdown


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"
