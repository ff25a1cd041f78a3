from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from benchmarks.quality import Bench
from benchmarks.quality_checks import Absent, Order, Present
from benchmarks.quality_documents import JudgedPage, TablePage, page_image
from benchmarks.quality_pages import CheckedPage
from benchmarks.quality_readers import PageImage, Reader, Reading
from benchmarks.quality_report import print_found

BLANK = Image.new("L", (30, 30), 255)
TRUTH = "The ferry leaves the harbour at noon.\n37"
TABLE = "| Item | May |\n|---|---|\n| Oar | 3.00 |\n"


def reads(name: str, text: str, *, markdown: bool = True) -> Reader:
    return Reader(name, lambda page: Reading(text, markdown, 2.0))


def fails(page: PageImage) -> Reading:
    raise RuntimeError("the job ended failed")


def judged_page() -> JudgedPage:
    return JudgedPage("ferry", 1, "clean", page_image(BLANK, 150), TRUTH.splitlines()[0], ("37",))


def test_each_reader_is_judged_by_itself(tmp_path: Path) -> None:
    good, late = reads("good", f"# {TRUTH}"), reads("late", TRUTH.replace("noon", "dusk"), markdown=False)
    bench = Bench([good, late, Reader("broken", fails)], tmp_path)
    bench.judge("ferry, 150 dpi", [judged_page(), judged_page()])
    errors = {reader: counted for (_, reader), counted in bench.found.errors.items()}
    assert {reader: counted.wrong_words for reader, counted in errors.items()} == {"good": 0, "late": 2, "broken": 14}
    assert errors["good"].pages == 2
    assert errors["good"].seconds == 4.0


def test_pages_are_left_to_look_at(tmp_path: Path) -> None:
    Bench([reads("good", "read"), reads("plain", "read", markdown=False)], tmp_path).judge("ferry", [judged_page()])
    folder = tmp_path / "ferry-1-clean-150"
    assert {file.name for file in folder.iterdir()} == {"page.png", "truth.txt", "good.md", "plain.txt"}
    assert (folder / "good.md").read_text("utf-8") == "read"


def test_tables_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench([reads("good", f"One fine day.\n\n{TABLE}"), reads("poor", "day", markdown=False)], tmp_path)
    bench.judge_table(TablePage("table 0", "small", page_image(BLANK, 200), (("Item", "May"), ("Oar", "3.00"))))
    checks = (Present("One fine day."), Absent("Page 7"), Order("One fine day.", "Item"))
    bench.check(CheckedPage("ferry", BLANK, checks, "One fine day."))
    print_found(bench.found, ["good", "poor"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "small 1 100.0 %, 1/1 0.0 %, 0/1" in printed
    assert "present 1/1 0/1 absent 1/1 1/1 order 1/1 0/1 all 3/3 1/3" in printed
    assert "Present" in (tmp_path / "check-ferry" / "poor.failed").read_text("utf-8")
    assert (tmp_path / "check-ferry" / "good.failed").read_text("utf-8") == ""
