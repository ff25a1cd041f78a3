from __future__ import annotations

from benchmarks.markdown_tables import cells_right, nearest, shape, tables_of

GRID = (("Item", "May"), ("Red box", "1.20"), ("Oar", "3.00"))
PIPES = "Text\n\n| Item | May |\n|---|---|\n| **Red** box | 1.20 |\n| Oar | 3.00 |\n\nMore"


def test_pipe_tables() -> None:
    assert tables_of(PIPES) == [GRID]
    assert tables_of("no | table") == []
    assert tables_of("| a \\| b | |\n|---|---|\n| | d |") == [(("a | b", ""), ("", "d"))]


def test_html_tables_with_spans() -> None:
    markup = (
        "<table><tr><th rowspan=2>Item</th><th colspan='2'>May</th></tr><tr><td>a<br>b</td><td>c</td></tr>"
        "<tr><td>x &amp; y</td></tr></table>"
    )
    assert tables_of(markup) == [(("Item", "May", "May"), ("Item", "a b", "c"), ("x & y", "", ""))]


def test_broken_html_is_no_table() -> None:
    assert tables_of("<td>lone</td></table><table></table>") == []
    assert tables_of("<table><tr><td colspan=x>a") == [(("a",),)]


def test_cells_count_at_their_place() -> None:
    assert cells_right(GRID, tables_of(PIPES)) == 6
    shifted = (GRID[0], ("new", "row"), *GRID[1:])
    assert cells_right(GRID, [shifted]) == 2
    assert cells_right(GRID, []) == 0


def test_the_best_table_counts() -> None:
    other = (("x", "y"),)
    assert nearest(GRID, [other, GRID]) == GRID
    assert shape(nearest(GRID, [])) == (0, 0)
    assert shape((("a",), ("b", "c", "d"))) == (2, 3)
