from __future__ import annotations

import pytest

from actors.outputs.writer import WRITERS
from cluster.settings import FORMATS
from tests.actors.outputs.results import DOCUMENT, FAILED, output_page


def test_every_format_but_the_pdf_has_a_writer() -> None:
    assert {*WRITERS, "pdf"} == set(FORMATS)


@pytest.mark.parametrize("name", WRITERS)
def test_outputs_are_made_page_by_page(name: str) -> None:
    """What a page gives does not depend on those that come later: it can be sent off at once."""
    writer = WRITERS[name](DOCUMENT)
    begun = writer.begin()
    pages = [writer.page(page) for page in (output_page(), FAILED, output_page(3))]
    assert all(pages)
    again = WRITERS[name](DOCUMENT)
    assert (again.begin(), again.page(output_page())) == (begun, pages[0])
