"""The project's own samples are whole, are scans and nothing more, and can be made again by the script beside them."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from samples.make_samples import SAMPLES, make

LARGEST = 400_000  # bytes: they lie in the repository


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    make(folder)
    return folder


@pytest.mark.parametrize("name", SAMPLES)
def test_the_pdf_is_one_scanned_page_without_text(made: Path, own_samples: Path, name: str) -> None:
    for folder in (made, own_samples):
        with pymupdf.open(folder / f"{name}.pdf") as document:
            assert document.page_count == 1
            page = document[0]
            assert tuple(page.rect) == (0, 0, 612, 792)
            assert page.get_text().strip() == ""
            assert [image[2:4] for image in page.get_images()] == [(1700, 2200)]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_png_is_the_page_at_200_dpi(made: Path, own_samples: Path, name: str) -> None:
    for folder in (made, own_samples):
        with Image.open(folder / f"{name}.png") as image:
            assert image.size == (1700, 2200)
            assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)
            levels = image.convert("L").histogram()
        assert levels[255] > 0.8 * sum(levels), "the paper is white"
        assert 0.01 < sum(levels[:100]) / sum(levels) < 0.15, "there is ink, and not too much"


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_beside_a_sample_is_what_the_script_draws(made: Path, own_samples: Path, name: str) -> None:
    text = (own_samples / f"{name}.txt").read_text("utf-8")
    assert text == (made / f"{name}.txt").read_text("utf-8")
    assert len(text.split()) > 80


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("extension", ["pdf", "png"])
def test_samples_are_small(made: Path, own_samples: Path, name: str, extension: str) -> None:
    for folder in (made, own_samples):
        assert 20_000 < (folder / f"{name}.{extension}").stat().st_size < LARGEST


def test_columns_are_noted_one_after_the_other(own_samples: Path) -> None:
    lines = (own_samples / "columns.txt").read_text("utf-8").splitlines()
    headlines = ["Night trains return to the coast", "Library opens its map room", "Bees on the roof of the school"]
    places = [lines.index(headline) for headline in headlines]
    assert places == sorted(places)
