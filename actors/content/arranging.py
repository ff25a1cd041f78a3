"""Lines put into blocks on a page as it lies: by the regions that a layout model found, or in plain order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actors.content.joined_columns import parted
from actors.content.line_numbers import with_numbers_parted
from actors.content.page import arranged, plain
from actors.content.region import Region
from actors.content.upright import Upright, upright_of
from cluster.page_text import PageText

PLAIN = "plain"
"""What ``PageText.layout`` says of a page whose lines were put into blocks by the white space between them alone."""


def with_parted_lines(read: PageText, upright: Upright) -> PageText:
    """Lines that were read across two columns, or with their numbers, parted: before a layout model sees them, since it
    can't part them."""
    lines = with_numbers_parted(read.lines, upright.lines(read.lines))
    return replace(read, lines=parted(lines, upright.lines(lines)))


def in_regions(read: PageText, regions: Sequence[Region], upright: Upright) -> PageText:
    """regions: on the page turned upright, in the unit of the lines."""
    laid = replace(read, lines=upright.lines(read.lines))
    return upright.laid_back(arranged(laid, regions, *upright.size), read)


def in_plain_order(read: PageText, width: float, height: float, why: str) -> PageText:
    """What is done where there is no layout model, or none that works. why: it goes into the page's reason."""
    upright = upright_of(read, width, height)
    read = with_parted_lines(read, upright)
    laid = replace(read, lines=upright.lines(read.lines))
    reason = f"layout: {why}, lines in plain order"
    return replace(
        upright.laid_back(plain(laid, *upright.size), read),
        layout=PLAIN,
        reason=f"{read.reason}; {reason}" if read.reason else reason,
    )
