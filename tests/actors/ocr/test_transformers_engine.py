from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from actors.ocr import transformers_engine
from actors.ocr.engine import BatchLimits, Engine, PageImage
from actors.ocr.engines import full_name, make_engine
from actors.ocr.engines.spec import EngineOptions
from actors.ocr.transformers_engine import GENERATE, IN_FLIGHT, STATIC, TransformersEngine
from actors.ocr.vlm_guardrails import Guardrails, Stop
from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_repetition import RepetitionDetector, RepetitionLimits
from benchmarks.random_vlm import FAMILIES
from cluster.errors import EngineFailed, EngineGaveUp, EngineOutOfMemory, PageError, StartupError
from cluster.page_text import PageText
from tests.actors.ocr.engine_contract import EngineContract, blank, page, printed, text_of

LIMITS = BatchLimits(pages=4, pixels=400_000_000, wait_ms=0)
GUARDRAILS = Guardrails(tokens=390, seconds=100)
Make = Callable[..., TransformersEngine]


@pytest.fixture
def make(vlm: Callable[[str], VlmModel]) -> Make:
    """A loaded engine over the model of the family."""

    def made(family: str = "idefics3", guardrails: Guardrails = GUARDRAILS, **options: Any) -> TransformersEngine:
        options = {"limits": LIMITS, "model": vlm(family), **options}
        engine = TransformersEngine(family, guardrails=guardrails, **options)
        engine.load()
        return engine

    return made


def pages(count: int = 9) -> list[PageImage]:
    return [page(n, printed(f"page {n}\n{n * n}", 180 + 7 * n, 120 + 30 * (n % 3))) for n in range(1, count + 1)]


def texts(answers: list[PageText | PageError]) -> list[str]:
    return [text_of(answer).text for answer in answers]


class TestTransformersEngine(EngineContract):
    @pytest.fixture
    def engine(self, make: Make) -> Engine:
        return make("qwen2_5_vl")

    @pytest.fixture
    def failing_engine(self, make: Make) -> Engine:
        return make("qwen2_5_vl")

    @pytest.fixture
    def bad_page(self) -> PageImage:
        return page(7, np.zeros((10, 10, 2), np.uint8))


class TestStaticBatches(TestTransformersEngine):
    """The same, read by generate()."""

    @pytest.fixture
    def engine(self, make: Make, monkeypatch: pytest.MonkeyPatch) -> Engine:
        monkeypatch.setattr(transformers_engine, "reason_against_rows", lambda *_: "a test wants it so")
        engine = make("idefics3")
        assert engine.version.endswith("/generate")
        return engine

    @pytest.fixture
    def failing_engine(self, engine: Engine) -> Engine:
        return engine


def test_it_is_made_from_a_folder_by_its_name(vlm_folder: Callable[[str], Path], tmp_path: Path) -> None:
    options = EngineOptions(threads=1, fault_folder=tmp_path, batch_size=3, prompt="Read.", max_page_tokens=200)
    engine = make_engine(f"transformers:{vlm_folder('got_ocr2')}", options)
    assert isinstance(engine, TransformersEngine)
    engine.load()
    assert engine.limits.pages == 3
    assert engine.in_flight == 4
    assert engine.version.endswith("/in-flight")
    assert full_name("transformers") == "transformers:nanonets/Nanonets-OCR-s"


def test_a_model_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    engine = make_engine("transformers:/nowhere", EngineOptions(threads=1, fault_folder=tmp_path))
    with pytest.raises(StartupError, match="/nowhere"):
        engine.load()


@pytest.mark.parametrize(
    ("error", "said"), [(RuntimeError("sizes differ"), "sizes differ"), (torch.OutOfMemoryError("no"), "does not fit")]
)
def test_a_model_that_can_not_read_stops_the_start(
    error: Exception, said: str, make: Make, vlm: Callable[[str], VlmModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(vlm("idefics3").model.get_input_embeddings(), "forward", broken)
    with pytest.raises(StartupError, match=said):
        make()


@pytest.mark.parametrize("family", ["got_ocr2", "idefics3"])
def test_other_families_read_together_as_alone(family: str, make: Make) -> None:
    engine = make(family, length=lambda each: 9 + each.page)
    together = engine.recognize(pages(6))
    alone = [engine.recognize([each])[0] for each in pages(6)]
    assert list(map(text_of, together)) == list(map(text_of, alone))
    assert len(set(texts(together))) > 3


def test_pages_enter_and_leave_while_others_are_read(make: Make) -> None:
    lengths = {1: 5, 2: 40, 3: 9, 4: 30, 5: 3, 6: 12, 7: 4, 8: 7, 9: 5}
    engine = make(length=lambda each: lengths[each.page])
    waiting, inside = pages(9), 0
    left: list[int] = []
    entered: list[tuple[int, int]] = []
    while waiting or inside:
        while waiting and inside < engine.in_flight:
            entered.append((waiting[0].page, len(left)))
            engine.enter(waiting.pop(0))
            inside += 1
        done = engine.step()
        assert engine._runner.rows == [] or len(engine._runner.rows) <= 4
        left += [each.page for each, _ in done]
        inside -= len(done)
    assert left.index(2) > 4, "a long page holds up nobody"
    assert sorted(left) == list(range(1, 10))
    assert entered[-1][1] >= 1


@pytest.mark.parametrize("family", FAMILIES)
def test_every_batching_writes_the_same(family: str, make: Make) -> None:
    guardrails = Guardrails(tokens=60, seconds=100)
    read = [
        make(family, guardrails, batching=batching, length=lambda each: 5 * each.page).recognize(pages(6))
        for batching in (IN_FLIGHT, STATIC, GENERATE)
    ]
    assert texts(read[0]) == texts(read[1]) == texts(read[2])


def test_a_step_returns_soon(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformers_engine, "STEP_SECONDS", 0.0)
    engine = make(length=lambda _: 50)
    engine.enter(pages(1)[0])
    steps = 0
    while not engine.step():
        steps += 1
    assert steps >= 49


def test_a_blank_page_is_answered_without_the_model(make: Make) -> None:
    engine = make(length=lambda _: 1_000_000)
    (answer,) = engine.recognize([page(1, blank(850, 1100))])
    assert text_of(answer) == PageText("", markdown="", engine=engine.name, engine_version=engine.version)


@pytest.mark.parametrize(("width", "height"), [(2, 2), (2, 1), (20, 800), (1, 3000), (3000, 1)])
def test_extreme_sizes_are_read(width: int, height: int, make: Make) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    (answer,) = make("qwen2_5_vl", length=lambda _: 3).recognize([page(1, noise)])
    assert text_of(answer).text


def test_a_page_of_one_pixel_has_nothing_to_read(make: Make) -> None:
    (answer,) = make("qwen2_5_vl").recognize([page(1, np.full((1, 1, 3), (10, 100, 200), np.uint8))])
    assert text_of(answer).text == ""


def test_a_page_longer_than_the_models_context_is_refused(make: Make, vlm: Callable[[str], VlmModel]) -> None:
    class Short(VlmModel):
        context = 60

    short = Short(vlm("idefics3").model, vlm("idefics3").processor, "idefics3")
    engine = make(model=short, length=lambda _: 3)
    small, large = engine.recognize([page(1, printed("a", 500, 120)), page(2, printed("a", 300, 300))])
    assert isinstance(small, PageText)
    assert isinstance(large, EngineFailed)
    assert "room for 60" in large.detail


# ---------------------------------------------------------------- guardrails


def test_a_page_over_its_token_budget_is_read_again(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = make().recognize(pages())
    written = [len(text.split()) for text in texts(plain)]
    budget = sorted(written)[-2] + 2
    monkeypatch.setattr(Guardrails, "second_try", lambda self, _: dataclasses.replace(self, tokens=390))
    answers = make(guardrails=Guardrails(tokens=budget, seconds=100)).recognize(pages())
    assert texts(answers) == texts(plain)
    attempts = {each.page: text_of(answer).attempts for each, answer in zip(pages(), answers, strict=True)}
    assert sorted(attempts.values()) == [1] * 8 + [2]
    twice = next(text_of(answer) for answer in answers if text_of(answer).attempts == 2)
    assert twice.reason is not None
    assert twice.reason.startswith("Its text did not end within the token budget (token_budget); read again with 390")
    assert all(text_of(answer).reason is None for answer in answers if text_of(answer).attempts == 1)


def test_a_page_that_trips_twice_is_given_up(make: Make) -> None:
    answers = make(guardrails=Guardrails(tokens=1, seconds=100)).recognize(pages(3))
    assert {type(answer) for answer in answers} == {EngineGaveUp}
    assert "token_budget" in str(answers[0])
    for answer in make(guardrails=Guardrails(tokens=99, seconds=0)).recognize(pages(3)):
        assert isinstance(answer, EngineGaveUp)
        assert answer.detail.count(Stop.TIME.value) == 2


def test_a_looping_page_stops_without_its_batch(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = make().recognize(pages())
    limits = RepetitionLimits(longest=2, times=2, span=3)  # three times a word, or twice two
    expected = [_loops(text, limits) for text in texts(plain)]
    assert {True, False} == set(expected)
    seen: list[Guardrails] = []

    def relaxed(self: Guardrails, stop: Stop) -> Guardrails:
        assert stop is Stop.REPETITION
        seen.append(self)
        return dataclasses.replace(self, repetition=RepetitionLimits())

    monkeypatch.setattr(Guardrails, "second_try", relaxed)
    answers = make(guardrails=dataclasses.replace(GUARDRAILS, repetition=limits)).recognize(pages())
    assert texts(answers) == texts(plain)
    assert [text_of(answer).attempts == 2 for answer in answers] == expected
    assert len(seen) == sum(expected)


def _loops(text: str, limits: RepetitionLimits) -> bool:
    detector = RepetitionDetector(limits)
    return any(detector.takes(int(word[1:])) for word in text.split())


def test_the_second_try_has_its_own_settings(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make(guardrails=Guardrails(tokens=1, seconds=100))
    entered: list[tuple[int, float, float]] = []
    enter = engine._runner.enter

    def watched(group: Any) -> Any:
        entered.extend((len(group), penalty, tries.guardrails.scale) for tries, _, penalty in group)
        return enter(group)

    monkeypatch.setattr(engine._runner, "enter", watched)
    monkeypatch.setattr(
        Guardrails, "second_try", lambda self, _: dataclasses.replace(self, penalty=1.1, scale=0.8, tokens=2)
    )
    same = [page(n, printed("x", 96, 96)) for n in (1, 2, 3)]
    engine.recognize(same)
    assert entered[-3:] == [(1, 1.1, 0.8)] * 3


# ---------------------------------------------------------------- memory


def _limited(engine: TransformersEngine, monkeypatch: pytest.MonkeyPatch, rows: int, growing: bool = False) -> None:
    """The device has memory for so many rows; with ``growing``, it is missed only as they grow."""
    enter, step = engine._runner.enter, engine._runner.step

    def limited_enter(group: Any) -> Any:
        if not growing and len(engine._runner.rows) + len(group) > rows:
            raise torch.OutOfMemoryError("no")
        return enter(group)

    def limited_step() -> Any:
        if len(engine._runner.rows) > rows:
            raise torch.OutOfMemoryError("no")
        return step()

    monkeypatch.setattr(engine._runner, "enter", limited_enter)
    monkeypatch.setattr(engine._runner, "step", limited_step)


@pytest.mark.parametrize("growing", [False, True])
def test_out_of_memory_makes_smaller_batches(growing: bool, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make()
    plain = texts(engine.recognize(pages()))
    before = engine.in_flight
    _limited(engine, monkeypatch, rows=2, growing=growing)
    assert texts(engine.recognize(pages())) == plain
    if growing:
        assert engine.in_flight < before


@pytest.mark.parametrize("growing", [False, True])
def test_a_page_too_large_by_itself_says_so(growing: bool, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make()
    _limited(engine, monkeypatch, rows=0, growing=growing)
    assert {type(answer) for answer in engine.recognize(pages(3))} == {EngineOutOfMemory}


def test_a_model_that_fails_on_a_page_spares_the_others(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make()
    plain = texts(engine.recognize(pages(5)))
    enter, step = engine._runner.enter, engine._runner.step

    def fails(number: int, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*group: Any) -> Any:
            inside = [tries for tries, _, _ in group[0]] if group else [row.item for row in engine._runner.rows]
            if any(tries.page.page == number for tries in inside):
                raise RuntimeError("shapes don't match")
            return call(*group)

        return called

    monkeypatch.setattr(engine._runner, "enter", fails(2, enter))
    monkeypatch.setattr(engine._runner, "step", fails(4, step))
    answers = engine.recognize(pages(5))
    assert [isinstance(answer, EngineFailed) for answer in answers] == [False, True, False, True, False]
    assert [text for text, answer in zip(plain, answers, strict=True) if isinstance(answer, PageText)] == [
        text_of(answer).text for answer in answers if isinstance(answer, PageText)
    ]
    assert "shapes don't match" in str(answers[1])


def test_a_lost_device_is_nobodys_page(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make()

    def lost(_: Any) -> None:
        raise torch.AcceleratorError("device-side assert")

    monkeypatch.setattr(engine._runner, "enter", lost)
    with pytest.raises(torch.AcceleratorError):
        engine.recognize(pages(2))
