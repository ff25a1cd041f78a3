from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from actors.ocr.engine import BatchLimits, Engine, PageImage
from actors.ocr.null_engine import NullEngine
from cluster.errors import EngineFailed, EngineOutOfMemory, StartupError
from cluster.page_text import PageText
from tests.actors.ocr.engine_contract import EngineContract, blank, page

LIMITS = BatchLimits(pages=16, pixels=100_000_000, wait_ms=5)


def engine_with(folder: Path, faults: str, delay_ms: float = 0) -> NullEngine:
    return NullEngine(fault_folder=folder, limits=LIMITS, faults=faults, delay_ms=delay_ms)


class TestNullEngine(EngineContract):
    looks_at_pixels = False

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Engine:
        return engine_with(tmp_path, "")

    @pytest.fixture
    def failing_engine(self, tmp_path: Path) -> Engine:
        return engine_with(tmp_path, "fail:page=7")

    @pytest.fixture
    def bad_page(self) -> PageImage:
        return page(7, blank(10, 10))


def test_a_batch_takes_the_delay_once(tmp_path: Path) -> None:
    engine = engine_with(tmp_path, "", delay_ms=30)
    start = time.monotonic()
    engine.recognize([page(n, blank(4, 4)) for n in range(1, 11)])
    assert 0.03 <= time.monotonic() - start < 0.25


def test_times_counts_each_kind_of_error(tmp_path: Path) -> None:
    engine = engine_with(tmp_path, "oom:page=7,times=2;fail:page=5")
    read = [type(engine.recognize([page(7, blank(4, 4))])[0]) for _ in range(3)]
    assert read == [EngineOutOfMemory, EngineOutOfMemory, PageText]
    assert [type(engine.recognize([page(5, blank(4, 4))])[0]) for _ in range(3)] == [EngineFailed] * 3


def test_slow_delays_its_batch(tmp_path: Path) -> None:
    engine = engine_with(tmp_path, "slow:page=2,ms=40,times=1")
    start = time.monotonic()
    assert isinstance(engine.recognize([page(2, blank(4, 4))])[0], PageText)
    assert time.monotonic() - start >= 0.04


def test_a_bad_script_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="explode"):
        engine_with(tmp_path, "explode:page=1")


def test_crash_ends_the_process_once_and_then_works(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from actors.ocr.engine import BatchLimits, PageImage\n"
        "from actors.ocr.null_engine import NullEngine\n"
        "limits, script = BatchLimits(1, 1, 0), 'crash:page=3,times=1'\n"
        "engine = NullEngine(fault_folder=Path(sys.argv[1]), limits=limits, faults=script)\n"
        "engine.recognize([PageImage('j', 1, np.zeros((1, 1, 3), np.uint8))])\n"
        "engine.recognize([PageImage('j', 3, np.zeros((1, 1, 3), np.uint8))])\n"
        "print('read')\n"
    )
    root = Path(__file__).resolve().parents[3]
    runs = [
        subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "faults")],
            cwd=root,
            capture_output=True,
            text=True,
            timeout=60,
        )
        for _ in range(2)
    ]
    assert [(run.returncode, run.stdout.strip()) for run in runs] == [(1, ""), (0, "read")], runs
