"""ARCHITECTURE.md shows the machine as its table has it."""

from __future__ import annotations

from actors.job.diagram import diagram
from tests.conftest import REPOSITORY


def test_the_diagram_is_the_tables() -> None:
    page = (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8")
    assert diagram() in page, "put the output of `python -m actors.job.diagram` into ARCHITECTURE.md"
