from __future__ import annotations

import pytest

from actors.outputs.boxed_pages import BoxedPages
from cluster.errors import FormatNotAvailable
from tests.actors.outputs.results import FAILED, output_page, without_boxes


def test_pages_with_boxes_or_without_text_are_fine() -> None:
    pages = BoxedPages("pdf")
    for page in (output_page(), FAILED, without_boxes(text=" ", markdown="")):
        assert pages.take(page)
    pages.check()


def test_the_reason_names_pages_and_engine() -> None:
    pages = BoxedPages("alto")
    for number in (1, 2, 3, 7):
        assert not pages.take(without_boxes(number))
    assert not pages.take(without_boxes(9, text="", markdown="# only here"))
    assert not pages.take(output_page()), "one page without spoils the whole"
    with pytest.raises(FormatNotAvailable, match=r"`alto` needs .* `transformers:m` gives .* page 1-3,7,9\."):
        pages.check()


def test_the_reason_stays_short() -> None:
    pages = BoxedPages("pdf")
    for number in range(1, 5000, 2):
        pages.take(without_boxes(number))
    with pytest.raises(FormatNotAvailable) as caught:
        pages.check()
    assert len(caught.value.detail) < 500
