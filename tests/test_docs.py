"""What the documents name must exist."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def test_every_test_that_a_document_names_exists() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "tests").rglob("test_*.py"))
    documents = [*(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "README.md", REPOSITORY / "ARCHITECTURE.md"]
    named = {
        (path.name, name) for path in documents for name in re.findall(r"`(test_[a-z0-9_]+)`", path.read_text("utf-8"))
    }
    assert len(named) > 20
    missing = {(document, name) for document, name in named if f"def {name}(" not in tests}
    assert not missing


def test_every_link_between_documents_leads_somewhere() -> None:
    for path in [*(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_index_lists_every_page_once() -> None:
    listed = re.findall(r"\]\(([a-z-]+\.md)\)", (REPOSITORY / "docs/README.md").read_text("utf-8"))
    pages = {path.name for path in (REPOSITORY / "docs").glob("*.md")} - {"README.md"}
    assert sorted(listed) == sorted(pages)


def test_links_into_documents_lead_to_a_heading() -> None:
    for path in [*(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("*.md")]:
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", path.read_text("utf-8")):
            text = (path.parent / target if target else path).read_text("utf-8")
            assert anchor in map(anchor_of, re.findall(r"^#+ (.*)$", text, re.M)), f"{path.name}: {target}#{anchor}"


def anchor_of(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
