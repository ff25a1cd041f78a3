from __future__ import annotations

from actors.outputs.page import OutputPage
from actors.outputs.text_output import MarkdownOutput, TextOutput
from actors.outputs.writer import OutputWriter
from cluster.page_text import PageResult, PageText
from tests.actors.outputs.results import DOCUMENT, FAILED


def page(number: int, text: str, markdown: str | None = None) -> OutputPage:
    read = PageText(text, markdown=markdown)
    return OutputPage(number, PageResult("job-1", number, 1, 1, 1, 300, 400, None, 0, 0, read))


def written(writer: OutputWriter, *pages: OutputPage) -> str:
    return b"".join([writer.begin(), *map(writer.page, pages), writer.end()]).decode()


def test_text_has_a_form_feed_between_pages() -> None:
    pages = (page(1, "one\nmore"), FAILED, page(3, ""), page(4, "naïve 漢字\n"))
    assert written(TextOutput(DOCUMENT), *pages) == (
        "one\nmore\n\f\n[page 2 could not be read: engine_failed]\n\f\n\f\nnaïve 漢字\n"
    )


def test_markdown_names_every_page_and_prefers_the_engines_own() -> None:
    assert written(MarkdownOutput(DOCUMENT), page(1, "plain", "# Rich"), FAILED, page(10, "plain")) == (
        "<!-- page 1 -->\n\n# Rich\n\n<!-- page 2 -->\n\n[page 2 could not be read: engine_failed]\n\n"
        "<!-- page 10 -->\n\nplain\n"
    )
