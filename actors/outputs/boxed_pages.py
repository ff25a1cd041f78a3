"""Formats that show where text stands need pages that were read with boxes: which pages were not."""

from __future__ import annotations

from actors.outputs.page import OutputPage
from cluster.errors import FormatNotAvailable
from cluster.page_range import spell_pages

_MOST_NAMED = 200


class BoxedPages:
    """name: the format's, as clients write it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._without: list[int] = []
        self._engines: set[str] = set()

    def take(self, page: OutputPage) -> bool:
        """Whether this page and all before it have boxes, or no text."""
        read = None if page.result is None else page.result.read
        if read is not None and not read.lines and (read.text.strip() or (read.markdown or "").strip()):
            self._without.append(page.number)
            self._engines.add(read.engine)
        return not self._without

    def check(self) -> None:
        """FormatNotAvailable where a page was read without."""
        if self._without:
            pages = spell_pages(self._without)
            shown = pages if len(pages) <= _MOST_NAMED else f"{pages[:_MOST_NAMED]}…"
            engines = " and ".join(f"`{name}`" for name in sorted(self._engines) if name) or "its engine"
            raise FormatNotAvailable(
                f"`{self._name}` needs to know where each line stands, and {engines} gives text without: "
                f"page {shown}. Read the document with an engine that gives boxes."
            )
