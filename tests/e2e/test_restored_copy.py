"""A copy of the store, made while jobs are read by the steps of docs/operations.md, and a server that starts on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cluster import layout
from cluster.clock import to_text
from tests.e2e.books import small_book
from tests.e2e.conftest import PAGES, SLOW
from tests.e2e.live_cluster import live_cluster
from tests.e2e.test_losses import check_end, run_to_the_middle, stored_results

pytestmark = [pytest.mark.e2e, pytest.mark.large, pytest.mark.timeout(400)]


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    (tmp_path / "letter").mkdir()
    return small_book(tmp_path / "letter", 1)


def copy_files(store: Path, copy: Path, wanted: Callable[[str], bool]) -> None:
    for path in store.rglob("*"):
        name = path.relative_to(store).as_posix()
        if wanted(name) and path.is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy / name)


def make_copy(store: Path, copy: Path) -> None:
    def is_record(name: str) -> bool:
        return name.endswith(f"/{layout.RECORD}")

    def is_other(name: str) -> bool:
        return not (is_record(name) or name.startswith(("active/", "hosts/", ".store/")))

    for wanted in (
        lambda name: name.startswith("active/"),
        is_record,
        lambda name: name.startswith("active/"),
        is_other,
    ):
        copy_files(store, copy, wanted)


def test_jobs_go_on_and_results_stand_in_a_copy_made_while_it_ran(tmp_path: Path, book: Path, letter: Path) -> None:
    copy = tmp_path / "copy"
    with live_cluster(tmp_path / "store", **SLOW) as first:
        letter_id = first.submit(letter)
        assert first.ended(letter_id)["status"] == "completed"
        text = first.http.get(f"/api/jobs/{letter_id}/result").text
        job_id, before = run_to_the_middle(first, book)
        copied_at = to_text(datetime.now(UTC))
        make_copy(first.store, copy)
        assert len(stored_results(first, job_id)) < PAGES, "the job was under way all the time"
        first.kill_everything()
    shutil.rmtree(tmp_path / "store")
    with live_cluster(copy, **SLOW) as second:
        check_end(second, job_id, before, copied_at)
        assert second.http.get(f"/api/jobs/{letter_id}/result").text == text
        listed = second.http.get("/api/jobs").json()["jobs"]
        assert [job["job_id"] for job in listed] == [job_id, letter_id]
