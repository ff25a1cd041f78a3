from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from gnosis_ocr.results import _growing
from serve_app.reading.result_file import remove_unfinished, written_whole


def test_is_there_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    with written_whole(path) as part:
        part.write_text("text")
        assert not path.exists()
    assert [each.name for each in tmp_path.iterdir()] == ["a.md"]
    assert path.read_text() == "text"


def test_what_was_there_stays_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("before")
    with suppress(ValueError), written_whole(path) as part:
        part.write_text("half")
        raise ValueError
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.md"]


def test_a_long_name_is_no_longer_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 252 + ".md")
    with written_whole(path) as part:
        part.write_text("text")
    assert path.read_text() == "text"


def test_what_killed_runs_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    with written_whole(tmp_path / "a.md") as part, _growing(part) as download:
        Path(download.name).with_name(f"{Path(download.name).name}.part").write_text("half")
        left = part.with_name(part.name.replace(part.name[12:20], "deadbeef"))
        left.write_text("half")
    (tmp_path / "b.part").write_text("somebody's")
    remove_unfinished(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.md", "b.part"]
