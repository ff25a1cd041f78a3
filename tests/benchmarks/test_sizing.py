"""The sizing: its rates are those that the documents have, and its tables stand in docs/operations.md."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import sizing
from benchmarks.sizing import Terms, Way

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("performance.md", f"| rapidocr, openvino-2026.4.1-f32 | 0.60 | 1.58 | {sizing.FLOAT32_S} |"),
        ("performance.md", f"| rapidocr, openvino-2026.4.1-bf16 | 0.94 | 2.50 | {sizing.BFLOAT16_S} |"),
        ("performance.md", f"| five pages with the layout step | {sizing.CLUSTER_PAGES_S} |"),
        ("performance.md", f"{sizing.H100_PAGES_S} pages/s"),
        ("scaling.md", "About 2.2 writes a page for records and results, and two more for image and text"),
    ],
)
def test_a_rate_is_one_that_was_measured(document: str, said: str) -> None:
    assert said in (DOCS / document).read_text("utf-8")


def test_the_tables_stand_in_the_document(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["sizing"])
    sizing.main()
    assert capsys.readouterr().out.count("\n") > 20
    terms = Terms()
    rows = [
        *sizing.inputs(terms),
        *(sizing.sizes(pages, terms) for pages in sizing.PAGES_A_DAY),
        *(sizing.cost(way, terms) for way in sizing.ways(terms)),
    ]
    document = (DOCS / "operations.md").read_text("utf-8")
    assert [row for row in rows if f"| {' | '.join(row)} |" not in document] == []


def test_machines_are_enough_and_not_one_too_many() -> None:
    way = Way("made up", cpu_s=2.8, gpu_s=0.1)
    assert way.machines(10, busy=1.0) == (2, 1), "28 processor seconds a second on 14 cores; a GPU full to the brim"
    assert way.machines(10.1, busy=1.0) == (3, 2)
    assert way.machines(10, busy=0.5) == (4, 2)


def test_hours_are_work_over_what_of_it_works() -> None:
    assert Way("made up", cpu_s=14, gpu_s=1).hours(3600, busy=0.5) == (2.0, 2.0)


def test_rates_and_prices_of_ones_own_take_the_place_of_the_measured() -> None:
    terms = Terms(read_s=1.0, gpu_pages_s=10, busy=1.0, cpu_price=1, gpu_price=2, write_price=0)
    processor, gpu = sizing.ways(terms)
    assert processor.cpu_s == pytest.approx(1.0 + sizing.around_s())
    assert gpu.gpu_s == 0.1
    assert sizing.cost(Way("made up", cpu_s=0.0, gpu_s=gpu.gpu_s), terms)[2:4] == ["27.8", "56"]
