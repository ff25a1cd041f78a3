"""How large a page is, and its image."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageSize:
    """page_width, page_height: points, as displayed. width, height: pixels of the page image, drawn or not."""

    page_width: float
    page_height: float
    width: int
    height: int
