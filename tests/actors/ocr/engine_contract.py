"""What every engine must do: the test file of an engine inherits from EngineContract and gives the three fixtures.

Among that is how it meets odd pages: blank, tiny, long, and such as came out of unusual image files.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from actors.ocr.engine import Engine, PageImage, Pixels
from actors.render.image_document import ImageDocument
from cluster.errors import EngineGaveUp, PageError
from cluster.page_text import PageText

WHITE = (255, 255, 255)


def blank(width: int, height: int) -> Pixels:
    return np.full((height, width, 3), 255, np.uint8)


def printed(text: str, width: int = 500, height: int = 120, size: int = 28) -> Pixels:
    """Black text on white, its lines below one another."""
    image = Image.new("RGB", (width, height), WHITE)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(text.split("\n")):
        draw.text((20, 20 + row * size * 2), line, fill="black", font=ImageFont.load_default(size))
    return np.asarray(image)


def page(number: int, pixels: Pixels) -> PageImage:
    return PageImage("job", number, pixels)


def text_of(answer: PageText | PageError) -> PageText:
    """The answer without its duration, which is never the same twice."""
    assert isinstance(answer, PageText), repr(answer)
    return replace(answer, duration_ms=0)


def files_of(pixels: Pixels) -> dict[str, tuple[str, bytes]]:
    """The page as image files of unusual pixels: the kind and content of each."""
    gray = Image.fromarray(pixels).convert("L")
    clear = Image.new("RGBA", gray.size, (255, 255, 255, 0))
    clear.paste("black", mask=ImageChops.invert(gray))
    sixteen_bits = Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    return {
        "sixteen bits": ("png", _file(sixteen_bits, "PNG")),
        "CMYK": ("jpeg", _file(Image.fromarray(pixels).convert("CMYK"), "JPEG", quality=95)),
        "alpha": ("png", _file(clear, "PNG")),
    }


def _file(image: Image.Image, kind: str, **saving: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **saving)
    return file.getvalue()


class EngineContract:
    looks_at_pixels = True
    """False for an engine that makes its answers up."""

    @pytest.fixture
    def engine(self) -> Engine:
        """Loaded."""
        raise NotImplementedError

    @pytest.fixture
    def failing_engine(self) -> Engine:
        """Loaded; fails ``bad_page``."""
        raise NotImplementedError

    @pytest.fixture
    def bad_page(self) -> PageImage:
        raise NotImplementedError

    def test_has_name_version_and_limits(self, engine: Engine) -> None:
        assert engine.name
        assert engine.version
        assert engine.limits.pages >= 1
        assert engine.limits.pixels >= 1_000_000
        assert engine.limits.wait_ms >= 0
        assert all(len(code) == 2 and code.islower() for code in engine.capabilities.languages)

    def test_an_empty_batch_has_no_answers(self, engine: Engine) -> None:
        assert engine.recognize([]) == []

    def test_one_page(self, engine: Engine) -> None:
        (answer,) = engine.recognize([page(1, printed("Invoice 4711"))])
        read = text_of(answer)
        assert read.engine == engine.name
        assert read.engine_version == engine.version
        assert read.source == "ocr"
        assert read.text
        if engine.capabilities.boxes:
            assert read.text == "\n".join(line.text for line in read.lines)
            assert read.confidence is not None
        assert read.confidence is None or 0 <= read.confidence <= 1

    def test_boxes_lie_on_the_page(self, engine: Engine) -> None:
        (answer,) = engine.recognize([page(1, printed("First line\nSecond line", height=160))])
        for line in text_of(answer).lines:
            x0, y0, x1, y1 = line.bbox
            assert 0 <= x0 < x1 <= 500
            assert 0 <= y0 < y1 <= 160
            assert 0 <= line.confidence <= 1

    def test_mixed_sizes_keep_their_order_and_read_as_alone(self, engine: Engine) -> None:
        pages = [
            page(1, printed("alpha beta")),
            page(2, blank(1, 1)),
            page(3, printed("gamma", width=200, height=90)),
            page(4, blank(20, 800)),
            page(5, printed("delta\nepsilon", width=400, height=300)),
        ]
        together = [text_of(answer) for answer in engine.recognize(pages)]
        alone = [text_of(engine.recognize([each])[0]) for each in pages]
        assert together == alone
        assert len({read.text for read in together}) >= 4

    def test_a_page_may_be_read_only(self, engine: Engine) -> None:
        pixels = printed("frozen").copy()
        pixels.setflags(write=False)
        before = pixels.copy()
        assert isinstance(engine.recognize([page(1, pixels)])[0], PageText)
        assert np.array_equal(pixels, before)

    @pytest.mark.parametrize(("width", "height"), [(850, 1100), (1, 1)])
    def test_a_blank_page_is_no_error_and_has_no_text(self, engine: Engine, width: int, height: int) -> None:
        read = text_of(engine.recognize([page(1, blank(width, height))])[0])
        if self.looks_at_pixels:
            assert (read.text, read.lines, read.confidence) == ("", (), None)
            assert not read.markdown

    @pytest.mark.parametrize(("width", "height"), [(60, 2400), (2400, 60), (1, 1)])
    def test_a_page_of_odd_shape_is_answered(self, engine: Engine, width: int, height: int) -> None:
        pixels = printed("7", width, height).copy()
        pixels[0, 0] = 0  # not blank, whatever its size
        (answer,) = engine.recognize([page(1, pixels)])
        if engine.capabilities.boxes:
            for line in text_of(answer).lines:
                assert 0 <= line.bbox[0] < line.bbox[2] <= width
                assert 0 <= line.bbox[1] < line.bbox[3] <= height
        else:
            assert isinstance(answer, PageText | EngineGaveUp), repr(answer)

    def test_pages_of_unusual_image_files_read_as_plain_ones(self, engine: Engine, tmp_path: Path) -> None:
        plain = printed("Invoice 4711\nTotal 99.50", height=160)
        pages = [page(1, plain)]
        for number, (kind, data) in enumerate(files_of(plain).values(), start=2):
            path = tmp_path / str(number)
            path.write_bytes(data)
            pages.append(page(number, ImageDocument(path, kind).render(1, 150, 50).pixels))
        answers = engine.recognize(pages)
        if engine.capabilities.boxes and self.looks_at_pixels:
            assert [text_of(answer).text for answer in answers] == ["Invoice 4711\nTotal 99.50"] * 4
        else:
            assert all(isinstance(answer, PageText | EngineGaveUp) for answer in answers), repr(answers)

    def test_a_page_that_fails_spares_its_batch(self, failing_engine: Engine, bad_page: PageImage) -> None:
        good = [page(1, printed("before")), page(2, printed("after"))]
        first, bad, last = failing_engine.recognize([good[0], bad_page, good[1]])
        assert isinstance(bad, PageError)
        assert bad.detail
        assert text_of(first) == text_of(failing_engine.recognize([good[0]])[0])
        assert text_of(last) == text_of(failing_engine.recognize([good[1]])[0])
