from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import get_ident

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from actors.ocr.believed_text import ReadPage
from actors.ocr.engine import BatchLimits, PageImage, Pixels
from actors.ocr.engines import engine_spec, make_engine
from actors.ocr.engines.spec import EngineOptions
from actors.ocr.ppocr_torch import processor_precision
from actors.ocr.ppocr_torch_engine import LEAST_PART, PpocrTorchEngine, parted
from actors.ocr.rapidocr_engine import RapidOcrEngine
from benchmarks.text_agreement import differing_characters
from cluster.errors import EngineFailed, EngineOutOfMemory, PageError, StartupError
from cluster.page_text import PageText
from tests.actors.ocr.engine_contract import EngineContract, blank, page, printed, text_of

LIMITS = BatchLimits(pages=4, pixels=50_000_000, wait_ms=5)
SAMPLES = Path(__file__).parents[3] / "samples"
AGREEMENT = 0.995
ROWS = 800  # of pixels from the top of a sample: whole pages take their time (benchmarks/gpu.py reads them)
BAD = (7, 9)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("converted")


def loaded(cache: Path, *, parts_at_once: int | None = None) -> PpocrTorchEngine:
    engine = PpocrTorchEngine(threads=1, limits=LIMITS, cache=cache, device="cpu", parts_at_once=parts_at_once)
    engine.load()
    return engine


@pytest.fixture(scope="module")
def ppocr(cache: Path) -> PpocrTorchEngine:
    return loaded(cache)


@pytest.fixture(scope="module")
def paired(cache: Path) -> PpocrTorchEngine:
    """Reads two parts at once, as on a GPU."""
    return loaded(cache, parts_at_once=2)


class TestContract(EngineContract):
    @pytest.fixture
    def engine(self, ppocr: PpocrTorchEngine) -> PpocrTorchEngine:
        return ppocr

    @pytest.fixture
    def failing_engine(self, ppocr: PpocrTorchEngine, monkeypatch: pytest.MonkeyPatch) -> PpocrTorchEngine:
        fail(ppocr, monkeypatch, ValueError("bad pixels"))
        return ppocr

    @pytest.fixture
    def bad_page(self) -> PageImage:
        return page(7, blank(*BAD))


def fail(engine: PpocrTorchEngine, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Reading a page of the size BAD raises the error."""
    reader = engine._reader
    assert reader is not None
    read = reader.read

    def failing(pages: Sequence[Pixels], languages: Sequence[Sequence[str]]) -> list[ReadPage]:
        if any(pixels.shape[:2] == BAD[::-1] for pixels in pages):
            raise error
        return read(pages, languages)

    monkeypatch.setattr(reader, "read", failing)


@pytest.mark.parametrize("name", ["letter", "form"])
def test_reads_what_rapidocr_reads(ppocr: PpocrTorchEngine, rapidocr: RapidOcrEngine, name: str) -> None:
    with Image.open(SAMPLES / f"{name}.png") as image:
        pixels = np.asarray(image.convert("RGB"))[:ROWS]
    wanted, got = (text_of(engine.recognize([page(1, pixels)])[0]) for engine in (rapidocr, ppocr))
    characters = sum(len(line.text) for line in wanted.lines)
    assert characters > 200
    differing = differing_characters(boxes(wanted), boxes(got))
    assert differing <= (1 - AGREEMENT) * characters


@pytest.fixture(scope="module")
def rapidocr() -> RapidOcrEngine:
    engine = RapidOcrEngine(threads=1, limits=LIMITS, runtime="onnxruntime")
    engine.load()
    return engine


def boxes(read: PageText) -> list[tuple[str, tuple[float, float, float, float]]]:
    return [(line.text, line.bbox) for line in read.lines]


def test_parts_read_at_once_give_the_same(
    ppocr: PpocrTorchEngine, paired: PpocrTorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.ocr.ppocr_torch_engine.LEAST_PART", 1)
    threads: set[int] = set()
    read = paired._read

    def watched(pages: Sequence[PageImage]) -> list[PageText | PageError]:
        threads.add(get_ident())
        return read(pages)

    monkeypatch.setattr(paired, "_read", watched)
    # Square ones: what is much wider than high is enlarged to millions of pixels.
    pages = [
        page(number, printed(text, 300 + number, 300)) for number, text in enumerate(("alpha", "beta\ngamma", "d"))
    ]
    together = [text_of(answer) for answer in paired.recognize(pages)]
    assert together == [text_of(ppocr.recognize([each])[0]) for each in pages]
    assert len(threads) == 2
    assert paired.limits == LIMITS


@pytest.mark.parametrize("name", ["ppocr", "paired"])
@pytest.mark.parametrize("error", [torch.OutOfMemoryError("full"), MemoryError()])
def test_a_batch_without_room_is_raised_as_such(
    name: str, error: Exception, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine: PpocrTorchEngine = request.getfixturevalue(name)
    monkeypatch.setattr("actors.ocr.ppocr_torch_engine.LEAST_PART", 1)
    monkeypatch.setattr(engine._reader, "read", lambda pages, languages: [ReadPage([]) for _ in pages])
    fail(engine, monkeypatch, error)
    pages = [page(1, blank(500, 500)), page(2, blank(*BAD)), page(3, blank(600, 600))]
    with pytest.raises(EngineOutOfMemory, match="3 pages"):
        engine.recognize(pages)
    assert [text_of(answer).text for answer in engine.recognize(pages[::2])] == ["", ""]


def test_opencv_without_memory_is_out_of_memory_and_its_other_errors_are_not(
    ppocr: PpocrTorchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = cv2.error("no memory")
    error.code = cv2.Error.StsNoMem
    fail(ppocr, monkeypatch, error)
    with pytest.raises(EngineOutOfMemory):
        ppocr.recognize([page(1, blank(*BAD))])
    error.code = cv2.Error.StsBadArg
    (answer,) = ppocr.recognize([page(1, blank(*BAD))])
    assert isinstance(answer, EngineFailed)


def test_the_cache_is_filled_and_the_version_tells_what_read(ppocr: PpocrTorchEngine, cache: Path) -> None:
    assert len(list(cache.iterdir())) == 3
    assert ppocr.version.endswith(f"/PP-OCRv6-small/torch-{torch.__version__}-cpu-{processor_precision()}")


def test_on_a_processor_pages_go_one_by_one(ppocr: PpocrTorchEngine) -> None:
    assert (ppocr.limits.pages, ppocr.limits.wait_ms) == (1, 0)


def test_parts_hold_pages_of_one_size_and_are_nearly_equal() -> None:
    sizes = [(1, 1), (2, 2)] * LEAST_PART
    first, second = parted(sizes, 2)
    assert {sizes[number] for number in first} == {(1, 1)}
    assert {sizes[number] for number in second} == {(2, 2)}
    assert sorted(first + second) == list(range(len(sizes)))
    assert [len(part) for part in parted([(1, 1)] * (2 * LEAST_PART + 1), 2)] == [LEAST_PART, LEAST_PART + 1]


def test_few_pages_are_one_part() -> None:
    assert parted([(1, 1)] * (2 * LEAST_PART - 1), 2) == [list(range(2 * LEAST_PART - 1))]


def test_it_is_an_engine_for_a_gpu(tmp_path: Path) -> None:
    assert engine_spec("ppocr-torch").gpu
    engine = make_engine("ppocr-torch", EngineOptions(threads=1, fault_folder=tmp_path, cache_folder=tmp_path))
    assert engine.name == "ppocr-torch"
    assert engine.limits.pages >= 32


def test_a_replica_without_threads_does_not_start() -> None:
    with pytest.raises(StartupError, match="thread"):
        PpocrTorchEngine(threads=0, limits=LIMITS)


def test_without_torch_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "actors.ocr.ppocr_torch_engine", None)
    with pytest.raises(StartupError, match=r"pip install gnosis-ocr\[gpu\]"):
        make_engine("ppocr-torch", EngineOptions(threads=1, fault_folder=tmp_path))
