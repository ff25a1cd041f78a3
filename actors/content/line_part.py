"""A part of a line as an engine read it: some of its text, over some of its length."""

from __future__ import annotations

from dataclasses import replace

from cluster.page_text import Line, Quad


def line_part(line: Line, text: str, start: float, end: float) -> Line:
    """start, end: shares of the line's length, in reading direction."""
    if line.quad is None:
        x0, y0, x1, y1 = line.bbox
        return replace(line, text=text, bbox=(x0 + (x1 - x0) * start, y0, x0 + (x1 - x0) * end, y1))
    ax, ay, bx, by, cx, cy, dx, dy = line.quad
    corners = [(ax, ay, bx, by, start), (ax, ay, bx, by, end), (dx, dy, cx, cy, end), (dx, dy, cx, cy, start)]
    xs = [x + (to - x) * share for x, _, to, _, share in corners]
    ys = [y + (to - y) * share for _, y, _, to, share in corners]
    quad: Quad = (xs[0], ys[0], xs[1], ys[1], xs[2], ys[2], xs[3], ys[3])
    return replace(line, text=text, bbox=(min(xs), min(ys), max(xs), max(ys)), quad=quad)
