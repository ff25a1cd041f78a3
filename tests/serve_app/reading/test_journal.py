from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cluster.errors import FolderUnusable
from serve_app.reading.journal import NAME, Entry, Journal, State, open_journal
from serve_app.reading.order import Format

SOURCE = Path("/scans/a.pdf")


def entry(journal: Journal, state: State = State.DONE, source: Path = SOURCE) -> Entry:
    """Noted, with its result in the folder where there is one."""
    made = Entry(journal.result_name(source, Format.MD), str(source), "md", "content", "{}", state)
    journal.note(made)
    if state is State.DONE:
        (journal.folder / made.result).write_text("text")
    return made


def finished(journal: Journal, content: str = "content", asked: str = "{}") -> bool:
    return journal.finished(SOURCE, Format.MD, content, asked) is not None


def test_what_is_done_is_known_to_the_next_sitting(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        assert not finished(journal)
        entry(journal)
        assert finished(journal)
    with open_journal(tmp_path) as journal:
        assert finished(journal)
        assert not finished(journal, content="other")
        assert not finished(journal, asked='{"dpi": 200}')
        assert journal.finished(SOURCE, Format.TXT, "content", "{}") is None


@pytest.mark.parametrize("state", [State.BEGUN, State.PARTIAL, State.FAILED])
def test_nothing_else_is_finished(tmp_path: Path, state: State) -> None:
    with open_journal(tmp_path) as journal:
        made = entry(journal, state)
        (tmp_path / made.result).write_text("half")
        assert not finished(journal)


def test_a_later_line_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        done = entry(journal)
        journal.note(replace(done, state=State.FAILED))
    with open_journal(tmp_path) as journal:
        assert not finished(journal)


def test_a_result_that_is_gone_is_not_finished(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        (tmp_path / entry(journal).result).unlink()
        assert not finished(journal)


def test_names(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("somebody's")
    with open_journal(tmp_path) as journal:
        names = [
            journal.result_name(Path(source), Format.MD) for source in ("/x/a.pdf", "/y/a.pdf", "/z/A.pdf", "/b.png")
        ]
        assert names == ["a.md", "a.pdf.md", "A-2.md", "b.png.md"]
        assert journal.result_name(Path("/x/c.pdf"), Format.ALTO) == "c.alto.xml"


def test_a_name_stays_the_documents(tmp_path: Path) -> None:
    other = Path("/other/a.pdf")
    with open_journal(tmp_path) as journal:
        entry(journal)
        assert entry(journal, source=other).result == "a.pdf.md"
    with open_journal(tmp_path) as journal:
        assert journal.result_name(other, Format.MD) == "a.pdf.md"
        assert journal.result_name(SOURCE, Format.MD) == "a.md"


def test_the_key_is_of_content_options_and_folder(tmp_path: Path) -> None:
    with open_journal(tmp_path / "a") as journal, open_journal(tmp_path / "b") as other:
        key = journal.key("content", "{}")
        assert len(key) <= 200
        assert len({key, journal.key("else", "{}"), journal.key("content", "[]"), other.key("content", "{}")}) == 4
    with open_journal(tmp_path / "a") as journal:
        assert journal.key("content", "{}") == key


def test_anew(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        entry(journal)
        key = journal.key("content", "{}")
        journal.begin_anew([SOURCE, Path("/unknown.pdf")], Format.MD)
        assert not finished(journal)
        anew = journal.key("content", "{}")
        assert anew != key
    with open_journal(tmp_path) as journal:
        assert not finished(journal)
        assert journal.key("content", "{}") == anew


@pytest.mark.parametrize("cut", [1, 10, 100])
def test_a_last_line_that_was_cut_off_was_not_written(tmp_path: Path, cut: int) -> None:
    other = Path("/scans/b.pdf")
    with open_journal(tmp_path) as journal:
        entry(journal)
        entry(journal, source=other)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[: -1 - cut])
    with open_journal(tmp_path) as journal:
        assert finished(journal)
        assert journal.finished(other, Format.MD, "content", "{}") is None
        entry(journal, source=other)
    with open_journal(tmp_path) as journal:
        assert journal.finished(other, Format.MD, "content", "{}") is not None


def test_lines_that_are_none_are_passed_over(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        entry(journal)
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'nonsense\n[1]\n{"state": "done"}\n{"state": "new"}\n\xff\xfe\n')
    with open_journal(tmp_path) as journal:
        assert finished(journal)


def test_names_of_any_letters(tmp_path: Path) -> None:
    odd = Path("/scans/ä\u2028\udcff.pdf")
    with open_journal(tmp_path) as journal:
        journal.note(Entry("x.md", str(odd), "md", "content", "{}", State.DONE))
        (tmp_path / "x.md").write_text("text")
    with open_journal(tmp_path) as journal:
        assert journal.finished(odd, Format.MD, "content", "{}") is not None


def test_fields_of_later_versions_are_passed_over(tmp_path: Path) -> None:
    with open_journal(tmp_path) as journal:
        entry(journal)
    lines = (tmp_path / NAME).read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), "colour": "blue"})
    (tmp_path / NAME).write_text("\n".join(lines) + "\n")
    with open_journal(tmp_path) as journal:
        assert finished(journal)


def test_one_sitting_at_a_time(tmp_path: Path) -> None:
    with open_journal(tmp_path), pytest.raises(FolderUnusable, match="Another"), open_journal(tmp_path):
        pass
    with open_journal(tmp_path):
        pass


def test_a_later_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"version": 2, "salt": "x"}\n')
    with pytest.raises(FolderUnusable, match="later version"), open_journal(tmp_path):
        pass


def test_a_folder_that_can_not_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="can't be used"), open_journal(tmp_path / "file" / "out"):
        pass
