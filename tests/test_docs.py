"""What the documents name must exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from benchmarks.__main__ import NAMES as BENCHMARKS
from cluster.settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent
ROOMS = ("cluster", "actors", "serve_app", "gnosis_ocr", "benchmarks")
FIGURE = r"\d[\d,]*(?:\.\d+)?"
PATHS = "|".join((*ROOMS, "deploy", "docs", "samples", "tests"))
YOURS = {
    *("actors/ocr/engines/mine.py", "tests/actors/ocr/test_mine.py"),
    *("deploy/gce/settings/keys.json", "deploy/kubernetes/overlays/mine"),
}
"""What a reader makes by following a document."""


def documents() -> list[tuple[Path, str]]:
    """Path and text of every page."""
    pages = [*sorted((REPOSITORY / "docs").glob("*.md")), *sorted(REPOSITORY.glob("*.md"))]
    return [(path, path.read_text("utf-8")) for path in pages]


def sources() -> list[str]:
    """Whatever may read a variable of the environment."""
    paths = [path for room in (*ROOMS, "deploy") for path in (REPOSITORY / room).rglob("*")]
    return [path.read_text("utf-8") for path in paths if path.is_file() and path.suffix in ("", ".py", ".sh", ".yaml")]


def test_every_test_that_a_document_names_exists() -> None:
    tests = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "tests").rglob("test_*.py"))
    named = {(path.name, name) for path, text in documents() for name in re.findall(r"`(test_[a-z0-9_]+)`", text)}
    assert len(named) > 20
    missing = {(document, name) for document, name in named if f"def {name}(" not in tests}
    assert not missing


def test_every_link_between_documents_leads_somewhere() -> None:
    for path, text in documents():
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_picture_exists_and_is_shown() -> None:
    shown = {
        path.parent / picture
        for path, text in documents()
        for picture in re.findall(r"(?:\]\(|src(?:set)?=\")([\w/-]+\.png)", text)
    }
    assert shown == set((REPOSITORY / "docs" / "images").iterdir())


def test_the_index_lists_every_page_once() -> None:
    listed = re.findall(r"\]\(([a-z-]+\.md)\)", (REPOSITORY / "docs/README.md").read_text("utf-8"))
    pages = {path.name for path in (REPOSITORY / "docs").glob("*.md")} - {"README.md"}
    assert sorted(listed) == sorted(pages)


def test_links_into_documents_lead_to_a_heading() -> None:
    for path, text in documents():
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", text):
            there = (path.parent / target).read_text("utf-8") if target else text
            assert anchor in map(anchor_of, re.findall(r"^#+ (.*)$", there, re.M)), f"{path.name}: {target}#{anchor}"


def anchor_of(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_module_has_one_line_which_begins_its_docstring() -> None:
    sections = re.findall(
        r"^### (\S+)/\n(.*?)(?=^##|\Z)", (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8"), re.M | re.S
    )
    told = [
        (f"{room}/{name}", line)
        for room, section in sections
        for name, line in re.findall(r"^\| `(\w+\.py)` \| (.*) \|$", section, re.M)
    ]
    modules = {
        path.relative_to(REPOSITORY).as_posix(): ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        for room in ROOMS
        for path in (REPOSITORY / room).rglob("*.py")
        if path.name != "__init__.py"
    }
    assert sorted(name for name, _ in told) == sorted(modules)
    other = {name for name, line in told if not " ".join(modules[name].split()).startswith(line)}
    assert not other


def test_every_variable_that_a_document_names_is_read() -> None:
    settings = {f"GNOSIS_{name.upper()}" for name in Settings.model_fields}
    read = {name for source in sources() for name in re.findall(r"GNOSIS_[A-Z_]+", source)}
    named = {(path.name, name) for path, text in documents() for name in re.findall(r"GNOSIS_[A-Z_]+", text)}
    assert len(named) > 100
    assert not {(document, name) for document, name in named if name not in settings | read}


def test_every_file_that_a_document_names_exists() -> None:
    names = {path.name for room in (*ROOMS, "deploy", "docs", "tests") for path in (REPOSITORY / room).rglob("*.*")}
    for document, text in documents():
        for path in re.findall(rf"(?<![\w/.<-])(?:{PATHS})/[\w./-]*\w", text):
            assert path in YOURS or (REPOSITORY / path).exists(), f"{document.name}: {path}"
        for name in re.findall(r"`(\w+\.(?:py|js|sh|ya?ml))`", text):
            assert name in names or name == "utils.py", f"{document.name}: {name}"


def test_every_target_and_module_that_a_document_runs_exists() -> None:
    targets = re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.M)
    for document, text in documents():
        code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.S))
        for target in re.findall(r"(?:^|`|=\S+ |\$ )make ([a-z-]+)", code, re.M):
            assert target in targets, f"{document.name}: make {target}"
        for module in re.findall(r"python -m ([\w.]+\w)", text):
            file = REPOSITORY / module.replace(".", "/")
            assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), f"{document.name}: {module}"
        for name in re.findall(r"(?:python -m benchmarks |make bench ARGS=\"?)([a-z_]+)", text):
            assert name in BENCHMARKS, f"{document.name}: benchmark {name}"


def test_figures_of_the_readme_stand_where_their_command_is_named() -> None:
    """So that a measurement that is made again changes both."""
    readme = (REPOSITORY / "README.md").read_text("utf-8").partition("## Measured")[2].partition("\n## ")[0]
    told = "".join((REPOSITORY / "docs" / name).read_text("utf-8") for name in ("performance.md", "quality.md"))
    figures = {
        figure for cell in re.findall(r"^\| .* \| (.*) \|$", readme, re.M) for figure in re.findall(FIGURE, cell)
    }
    assert len(figures) > 10
    assert not {figure for figure in figures if not re.search(rf"(?<![\d.,]){re.escape(figure)}(?![\d.,]\d)", told)}


def test_the_changelog_says_each_thing_once() -> None:
    entries = re.findall(r"^- (.{50})", (REPOSITORY / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert len(entries) > 50
    assert len(entries) == len(set(entries))
