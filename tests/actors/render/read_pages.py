"""Pages of ``samples/`` as the engine ``rapidocr`` read them, kept so that tests of arranging need no engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orjson
from PIL import Image

from actors.ocr.engine import Pixels
from cluster.page_text import Line, PageText

DATA = Path(__file__).parent / "data"
SAMPLES = Path(__file__).resolve().parents[3] / "samples"


def read_page(name: str) -> PageText:
    """``columns`` or ``form``: coordinates in pixels of the sample's PNG."""
    fields = orjson.loads((DATA / f"{name}.json").read_bytes())
    lines = (
        Line(line["text"], tuple(line["bbox"]), line["confidence"], tuple(line["quad"])) for line in fields["lines"]
    )
    return PageText(fields["text"], tuple(lines), engine=fields["engine"], engine_version=fields["engine_version"])


def page_image(name: str) -> Path:
    return SAMPLES / f"{name}.png"


def page_pixels(name: str) -> Pixels:
    with Image.open(page_image(name)) as image:
        return np.asarray(image.convert("RGB"))
