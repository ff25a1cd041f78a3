"""The Python in the documents runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.gnosis_ocr.paced_server import PAGES, PDF, PacedServer, text_of

TEXT = "".join(map(text_of, range(1, PAGES + 1)))


def blocks(document: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (REPOSITORY / document).read_text("utf-8"), re.DOTALL)


def run(document: str) -> dict[str, Any]:
    """What the blocks leave behind, run one after the other."""
    names: dict[str, Any] = {}
    for block in blocks(document):
        exec(compile(block, document, "exec"), names)
    return names


@pytest.fixture(autouse=True)
def _somebody_with_scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("book.pdf", "letter.pdf"):
        (folder / name).write_bytes(PDF)
    (folder / "notes.txt").write_text("Not a scan.")
    monkeypatch.chdir(tmp_path)
    with PacedServer().running() as url:
        monkeypatch.setenv("GNOSIS_URL", url)
        yield


def test_the_lines_of_the_readme_read_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = [each for each in blocks("README.md") if "gnosis_ocr" in each]
    assert len(block.splitlines()) <= 10
    run("README.md")
    assert Path("scans/book.md").read_text("utf-8") == Path("scans/letter.md").read_text("utf-8") == TEXT
    assert sorted(path.name for path in Path("scans").glob("*.md")) == ["book.md", "letter.md"]
    assert "book.pdf, page 3: completed" in capsys.readouterr().out


def test_the_page_about_the_client(capsys: pytest.CaptureFixture[str]) -> None:
    left = run("docs/client.md")
    assert (left["text"], left["texts"]) == (TEXT, [TEXT, TEXT])
    assert Path("book.md").read_text("utf-8") == TEXT
    told = capsys.readouterr().out
    assert "completed 3 of 3" in told
    assert "415 media_type_unsupported" in told


def test_the_script_that_reads_a_folder_goes_on_where_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    first = run("docs/read-a-folder.md")
    assert {path.name for path in Path("texts").iterdir()} == {"book.pdf.md", "letter.pdf.md"}
    assert Path("texts/book.pdf.md").read_text("utf-8") == TEXT
    assert list(first["failed"]) == [Path("scans/notes.txt")]
    told = capsys.readouterr().out
    assert "book.pdf: completed, 3 pages" in told
    assert "notes.txt: " in told
    Path("texts/book.pdf.md").unlink()
    again = run("docs/read-a-folder.md")
    assert list(again["jobs"]) == [Path("scans/book.pdf")]
    assert again["jobs"][Path("scans/book.pdf")].job_id == first["jobs"][Path("scans/book.pdf")].job_id
    assert Path("texts/book.pdf.md").read_text("utf-8") == TEXT
