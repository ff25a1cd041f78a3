"""What an engine returns for a page, and how it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from cluster.errors import BlobCorrupt

SCHEMA_VERSION = 1

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1, origin top left. Its unit is said where it is used."""

Quad = tuple[float, float, float, float, float, float, float, float]
"""Four corners x, y from the line's own top left, clockwise in reading direction."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. bbox, quad: pixels of the page image as an engine returns it, points as stored."""

    text: str
    bbox: Box
    confidence: float
    quad: Quad | None = None


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read on one page. rotation: degrees clockwise by which the page was turned to be read upright.

    markdown: None where the engine gives lines alone. confidence: mean over characters, 0 to 1, None if unknown.
    attempts: the engine's own tries. reason: what was out of the ordinary about the reading.
    """

    text: str
    lines: tuple[Line, ...] = ()
    markdown: str | None = None
    engine: str = ""
    engine_version: str = ""
    source: str = "ocr"
    rotation: int = 0
    confidence: float | None = None
    duration_ms: int = 0
    reason: str | None = None
    attempts: int = 1

    def scaled(self, factor: float) -> PageText:
        """The same with every coordinate multiplied: pixels × points a pixel = points."""
        return replace(self, lines=tuple(_scaled(line, factor) for line in self.lines))


@dataclass(frozen=True, slots=True)
class PageResult:
    """A page's stored result, the commit point of its reading. width, height: the page's, in points.

    read: coordinates in points. image_width, image_height: pixels of the page image.
    """

    job_id: str
    page: int
    run: int
    epoch: int
    attempts: int
    width: float
    height: float
    image: str | None
    image_width: int
    image_height: int
    read: PageText = field(default_factory=lambda: PageText(""))
    schema_version: int = SCHEMA_VERSION


def _scaled(line: Line, factor: float) -> Line:
    x0, y0, x1, y1 = (round(v * factor, 2) for v in line.bbox)
    quad = None if line.quad is None else tuple(round(v * factor, 2) for v in line.quad)
    return replace(line, bbox=(x0, y0, x1, y1), quad=quad)  # type: ignore[arg-type]


def encode_result(result: PageResult) -> bytes:
    import orjson  # here, since engines are also measured where little but them is installed (benchmarks/gpu.py)

    return orjson.dumps(result)


def decode_result(data: bytes) -> PageResult:
    """Raises BlobCorrupt where the content is unreadable."""
    import orjson

    try:
        fields: dict[str, Any] = orjson.loads(data)
        read = {name: fields["read"][name] for name in PageText.__slots__ if name in fields["read"]}
        read["lines"] = tuple(_line(line) for line in read.get("lines", ()))
        known = {name: fields[name] for name in PageResult.__slots__ if name in fields}
        known["read"] = PageText(**read)
        return PageResult(**known)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BlobCorrupt(f"A page result is unreadable: {type(error).__name__} {error}.") from error


def _line(fields: dict[str, Any]) -> Line:
    quad = fields.get("quad")
    return Line(fields["text"], tuple(fields["bbox"]), fields["confidence"], None if quad is None else tuple(quad))
