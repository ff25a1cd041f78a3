"""What the Renderer orders of its child processes, and what comes back. Plain data, pickled through their pipe."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from actors.render.page_size import PageSize
from cluster.errors import DocumentError, LayoutFailed, PageError
from cluster.page_text import Line, PageText


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
class ArrangeOrder:
    """Arrange the lines of one page. Answer: its text with blocks, or LayoutFailed.

    read: coordinates in pixels of the page image. width, height: pixels. png: the page image; None where its pixels
    follow on the pipe.
    """

    read: PageText
    width: int
    height: int
    png: bytes | None = None


@dataclass(frozen=True, slots=True)
class EmbeddedOrder:
    """Arrange the embedded text of one page of a PDF, with the page itself before the model's eyes. Answer: likewise.

    read: coordinates in points, as displayed. width, height: of the page, points.
    """

    path: str
    page: int
    read: PageText
    width: float
    height: float
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PageLayer:
    """The text of one page: lines in points of a page of this size, as displayed. rotation: the page's, in degrees."""

    page: int
    width: float
    height: float
    rotation: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LayerOrder:
    """Go on with the document's searchable copy, or begin it. Answer: LayersAdded, or an error of any kind.

    copy: its path. images: the document is one of images. pages: the next that get text; of images each page, one after
    the other, text or not. dpi: of pages that don't know theirs. font: as the answer before told.
    """

    path: str
    copy: str
    images: bool
    pages: tuple[PageLayer, ...]
    dpi: int
    begin: bool = False
    font: int | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class LayersAdded:
    """font: the object of the layers' font, once there is one."""

    font: int | None


def new_copy(copy: Path) -> Path:
    """Where a searchable copy is written that takes the place of the one at ``copy``."""
    return copy.with_suffix(".new")


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


Order = OpenOrder | RenderOrder | CloseOrder | LayerOrder
LayoutOrder = ArrangeOrder | EmbeddedOrder
"""To a layout process."""
Answer = int | PageDrawn | TextTaken | PageText | LayersAdded | OutOfMemory | DocumentError | PageError | LayoutFailed
