"""What the Renderer orders of its child processes, and what comes back. Plain data, pickled through their pipe."""

from __future__ import annotations

from dataclasses import dataclass, field

from cluster.errors import DocumentError, LayoutFailed, PageError
from cluster.page_text import PageText


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """Open the document afresh, so that its password is tried. Answer: its pages, or a DocumentError."""

    path: str
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """Render one page. Answer: PageDrawn, or a PageError."""

    path: str
    page: int
    dpi: int
    max_megapixels: float
    password: str | None = field(default=None, repr=False)


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
class PageDrawn:
    """A rendered page; its pixels and its PNG follow on the pipe. width, height: pixels. Page sizes: points."""

    width: int
    height: int
    page_width: float
    page_height: float
    dpi: float
    embedded: PageText | None


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """The process has no memory left for this order, with what it has kept of earlier ones."""


Order = OpenOrder | RenderOrder | CloseOrder
Answer = int | PageDrawn | PageText | OutOfMemory | DocumentError | PageError | LayoutFailed
