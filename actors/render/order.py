"""What the Renderer orders of its rendering process, and what comes back. Plain data, pickled through their pipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from actors.render.page_size import PageSize
from cluster.errors import DocumentError, PageError
from cluster.page_text import PageText


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """Open the document afresh, so that its password is tried. Answer: its pages, or a DocumentError."""

    path: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """Render one page. Answer: PageDrawn, or a PageError.

    mode: as of a job (cluster/options.py); where the page's embedded text is taken, the answer is TextTaken, without a
    drawing unless ``always_draw``.
    """

    path: str
    page: int
    dpi: int
    max_megapixels: float
    password: str | None = field(default=None, repr=False)
    mode: str = "ocr"
    always_draw: bool = False


@dataclass(frozen=True, slots=True)
class CloseOrder:
    """Close the document: its file is gone. Answer: how often it was open."""

    path: str


@dataclass(frozen=True, slots=True)
class PageDrawn:
    """A rendered page; its pixels and its PNG follow on the pipe. width, height: pixels. Page sizes: points.

    read: the embedded text where it is taken; reason: why it is not, where that is out of the ordinary.
    """

    width: int
    height: int
    page_width: float
    page_height: float
    dpi: float
    read: PageText | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TextTaken:
    """A page whose embedded text is taken; it is not drawn. size: of the page, and of its image if it were made."""

    size: PageSize
    read: PageText


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The process has no memory left for this order, with what it has kept of earlier ones."""


Order = OpenOrder | RenderOrder | CloseOrder
Answer = int | PageDrawn | TextTaken | OutOfMemory | DocumentError | PageError
