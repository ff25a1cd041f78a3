"""ARCHITECTURE.md shows the machine as its table has it, and names every module."""

from __future__ import annotations

from actors.job.diagram import diagram
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "ARCHITECTURE.md"


def test_the_diagram_is_the_tables() -> None:
    assert diagram() in PAGE.read_text(), "put the output of `python -m actors.job.diagram` into ARCHITECTURE.md"


def test_every_module_has_its_line() -> None:
    page = PAGE.read_text()
    for package in ("cluster", "actors", "serve_app", "gnosis_ocr", "benchmarks"):
        for path in (REPOSITORY / package).rglob("*.py"):
            if path.name != "__init__.py":
                assert f"`{path.name}`" in page, f"{path.relative_to(REPOSITORY)} is missing in ARCHITECTURE.md"
