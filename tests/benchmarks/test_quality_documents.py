from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest
from PIL import Image

from benchmarks.quality_documents import DOCUMENTS, clean_pages, known_documents, table_pages, worn_pages


def test_a_sample_of_our_own_with_its_true_text() -> None:
    (letter,) = known_documents(["letter"])
    (page,) = clean_pages(letter, 100, [1])
    assert (page.label, page.variant, page.running) == ("letter-1-clean-100", "clean", ())
    assert "Dear Dr. Okafor," in page.truth
    with Image.open(io.BytesIO(page.image.png)) as image:
        assert image.size == (850, 1100)


def test_a_worn_page_has_the_same_text() -> None:
    (form,) = known_documents(["form"])
    (clean,), (worn,) = clean_pages(form, 60, [1]), worn_pages(form, 60, "pale")
    assert worn.truth == clean.truth
    assert worn.image.png != clean.image.png
    assert worn.label == "form-1-pale-60"


def test_documents_that_are_absent_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.quality_documents.DOCUMENTS", tuple(map(_absent, DOCUMENTS)))
    assert known_documents() == []


def _absent(document: object) -> object:
    assert dataclasses.is_dataclass(document)
    assert not isinstance(document, type)
    return dataclasses.replace(document, file=Path("/nowhere.pdf"))


def test_text_that_is_to_be_mended_must_be_there() -> None:
    (letter,) = known_documents(["letter"])
    odd = dataclasses.replace(letter, mended=(("no such words", "x"),))
    with pytest.raises(ValueError, match="letter: 'no such words' is not in its text"):
        list(clean_pages(odd, 60, [1]))


@pytest.mark.samples
def test_running_lines_stand_apart_from_the_body(real_samples: Path) -> None:
    (topology,) = known_documents(["GeoTopo"])
    (page,) = clean_pages(topology, 40, [9])
    assert page.running == ("6", "1.1. TOPOLOGISCHE RÄUME")
    assert "TOPOLOGISCHE RÄUME" not in page.truth
    assert "Quotiententopologie" in page.truth


def test_table_pages_differ_and_are_eight_by_five() -> None:
    pages = list(table_pages(2))
    assert [page.label for page in pages] == [f"table {kind} 8×5 {n}" for kind in ("ruled", "bare") for n in (0, 1)]
    assert len({page.grid for page in pages}) == 4
    assert all(len(page.grid) == 8 and len(row) == 5 for page in pages for row in page.grid)
