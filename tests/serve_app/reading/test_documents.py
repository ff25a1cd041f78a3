from __future__ import annotations

import os
from pathlib import Path

import pytest

from serve_app.reading.documents import gather
from tests.serve_app.builders import PDF, PNG


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    for name in ("b.pdf", "a.PDF", "deep/er/c.png", ".hidden/d.pdf", "out/e.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PNG if name.endswith("png") else PDF)
    (tmp_path / "notes.txt").write_text("no document")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*names: str, results: str | None = None) -> list[str]:
    return [str(path) for path in gather(names, None if results is None else Path(results), {"b.pdf"}).documents]


def test_a_folder_is_what_lies_in_it_told_by_content(folder: Path) -> None:
    (folder / "scan").write_bytes(PDF)
    assert found(".") == ["a.PDF", "b.pdf", "scan", "deep/er/c.png", "out/e.pdf"]


def test_a_file_that_is_named_is_taken_whatever_it_is(folder: Path) -> None:
    assert found("notes.txt", ".hidden/d.pdf") == ["notes.txt", ".hidden/d.pdf"]


def test_globs(folder: Path) -> None:
    assert found("*.pdf") == ["b.pdf"]
    assert found("**/*.p*") == ["b.pdf", "deep/er/c.png", "out/e.pdf"]
    assert found("de*") == ["deep/er/c.png"]
    assert found(str(folder / "[ab].*")) == [str(folder / "a.PDF"), str(folder / "b.pdf")]


def test_a_file_with_the_letters_of_a_glob_in_its_name_is_itself(folder: Path) -> None:
    (folder / "b[1].pdf").write_bytes(PDF)
    (folder / "b1.pdf").write_bytes(PDF)
    assert found("b[1].pdf") == ["b[1].pdf"]


def test_each_document_once_in_the_order_named(folder: Path) -> None:
    (folder / "link.pdf").symlink_to("b.pdf")
    assert found("b.pdf", "./b.pdf", str(folder / "b.pdf"), "link.pdf", "a.PDF", "*.PDF") == ["b.pdf", "a.PDF"]


def test_what_lies_in_the_folder_of_results_is_taken_where_it_is_asked_for(folder: Path) -> None:
    assert "out/e.pdf" not in found(".", results="out")
    assert found("**/*.pdf", results="out") == ["b.pdf"]
    assert found("out/e.pdf", results="out") == ["out/e.pdf"]
    assert found("out", results="out") == ["out/e.pdf"]
    assert found("out/*.pdf", results="out") == ["out/e.pdf"]
    assert found("*.PDF", results=".") == ["a.PDF"]


def test_results_of_before_are_no_documents(folder: Path) -> None:
    assert found(".", results=".") == ["a.PDF", "deep/er/c.png", "out/e.pdf"]
    assert found("*.pdf", results=".") == []
    assert found("b.pdf", results="out") == ["b.pdf"]
    for name in ("b.pdf", "*.pdf"):
        gathered = gather([name, "a.PDF"], Path("."), {"b.pdf"})
        assert gathered.nothing == ((name, "there are only results of an earlier reading"),)


def test_a_folder_that_leads_to_itself_ends(folder: Path) -> None:
    (folder / "deep" / "loop").symlink_to(folder)
    assert found("deep") == ["deep/er/c.png"]


def test_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert found("~/*.pdf") == [str(folder / "b.pdf")]


def test_says_why_there_is_nothing(folder: Path) -> None:
    (folder / "empty").mkdir()
    os.mkfifo(folder / "pipe")
    assert gather(["gone.pdf", "*.tif", "empty", "pipe"]).nothing == (
        ("gone.pdf", "there is no such file or folder"),
        ("*.tif", "no file fits it"),
        ("empty", "the folder holds no document"),
        ("pipe", "it is no file"),
    )
