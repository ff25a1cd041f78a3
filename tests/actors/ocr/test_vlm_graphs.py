from __future__ import annotations

import inspect
import logging
import weakref
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import DynamicCache

from actors.ocr.vlm_cache import RowCache
from actors.ocr.vlm_graphs import COLUMN_STEP, StepGraphs, rounded_rows

VOCABULARY = 7


class Adding:
    """A model whose logits are a row's token and how many columns it sees; writes its token into the cache."""

    def __init__(self) -> None:
        self.passes: list[tuple[int, int]] = []

    def get_output_embeddings(self) -> Any:
        return SimpleNamespace(weight=torch.zeros((VOCABULARY, 1)))

    def __call__(self, *, input_ids: Any, attention_mask: Any, past_key_values: Any, **_: Any) -> Any:
        rows, columns = attention_mask.shape[0], attention_mask.shape[-1]
        self.passes.append((rows, columns))
        states = input_ids[:, None, :, None].float()
        keys, _ = past_key_values.update(states, states, 0)
        assert keys.shape[2] == columns
        logits = torch.zeros((rows, 1, VOCABULARY))
        logits[:, 0, 0] = input_ids[:, 0]
        logits[:, 0, 1] = attention_mask[:, 0, 0].sum(-1)
        logits[:, 0, 2] = (keys[:, 0, :, 0] * attention_mask[:, 0, 0]).sum(-1)
        return SimpleNamespace(logits=logits)


def filled_cache(lengths: list[int]) -> RowCache:
    """Rows of ones."""
    cache = RowCache(1)
    prompt = DynamicCache()
    ones = torch.ones((len(lengths), 1, max(lengths), 1))
    prompt.update(ones, ones, 0)
    cache.add(prompt, lengths, 0)
    return cache


def stepped(graphs: StepGraphs, cache: RowCache, tokens: list[int], lengths: list[int]) -> Any:
    return graphs.step(
        cache,
        torch.tensor(tokens)[:, None],
        torch.tensor(lengths)[:, None],
        torch.tensor(lengths),
        max(lengths) + 1,
    )


def counted(replays: list[int]) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Counts what is recorded and, in the last place, what is replayed."""

    def record(run: Callable[[], None]) -> Callable[[], None]:
        replays.append(0)
        number = len(replays) - 1

        def replay() -> None:
            replays[number] += 1
            run()

        return replay

    return record


def test_one_recording_serves_all_steps_of_its_size() -> None:
    replays: list[int] = []
    graphs = StepGraphs(Adding(), 4, lambda: counted(replays))
    cache = filled_cache([3, 5])
    for step in range(4):
        lengths = [3 + step, 5 + step]
        logits = stepped(graphs, cache, [2, 6], lengths)
        assert logits[:, 0].tolist() == [2, 6]
        assert logits[:, 1].tolist() == [4 + step, 6 + step]  # what it looks at ends with its own token
        assert logits[:, 2].tolist() == [3 + 2 * (step + 1), 5 + 6 * (step + 1)]  # what it wrote before is there
    assert replays == [4]


def test_a_cache_that_moved_is_recorded_anew() -> None:
    replays: list[int] = []
    model = Adding()
    graphs = StepGraphs(model, 2, lambda: counted(replays))
    cache = filled_cache([3, 3])
    stepped(graphs, cache, [1, 1], [3, 3])
    cache.reserve(2, 100_000)
    assert stepped(graphs, cache, [1, 1], [4, 4])[:, 2].tolist() == [5, 5]
    assert len(replays) == 2
    assert set(model.passes) == {(2, COLUMN_STEP)}


def test_what_a_recording_reads_outlives_the_making_of_it() -> None:
    read: list[weakref.ref[torch.Tensor]] = []

    def record(run: Callable[[], None]) -> Callable[[], None]:
        around = inspect.getclosurevars(run).nonlocals.values()
        read.extend(weakref.ref(each) for each in around if isinstance(each, torch.Tensor))
        return lambda: None  # holds no tensor, as a CUDA graph does not

    graphs = StepGraphs(Adding(), 2, lambda: record)
    assert stepped(graphs, filled_cache([3, 3]), [1, 1], [3, 3]) is not None
    assert sorted(len(each) for ref in read if (each := ref()) is not None) == [2, COLUMN_STEP]


def test_what_can_not_be_recorded_is_run_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(run: Callable[[], None]) -> Callable[[], None]:
        raise RuntimeError("not on this device")

    graphs = StepGraphs(Adding(), 2, lambda: refuse)
    with caplog.at_level(logging.WARNING):
        assert stepped(graphs, filled_cache([3]), [1], [3]) is None
    assert "not on this device" in caplog.text
    assert not graphs.usable
    assert stepped(graphs, filled_cache([3]), [1], [3]) is None


def test_a_replay_that_differs_is_not_used(caplog: pytest.LogCaptureFixture) -> None:
    model = Adding()
    model_logits: list[Any] = []

    def record(run: Callable[[], None]) -> Callable[[], None]:
        def replay() -> None:
            run()
            assert graphs._step is not None
            graphs._step.logits.mul_(1.5)
            model_logits.append(graphs._step.logits)

        return replay

    graphs = StepGraphs(model, 2, lambda: record)
    with caplog.at_level(logging.WARNING):
        assert stepped(graphs, filled_cache([3]), [1], [3]) is None
    assert "differs by 50" in caplog.text
    assert model_logits


def test_no_memory_is_told() -> None:
    def full(run: Callable[[], None]) -> Callable[[], None]:
        raise torch.OutOfMemoryError

    graphs = StepGraphs(Adding(), 2, lambda: full)
    with pytest.raises(torch.OutOfMemoryError):
        stepped(graphs, filled_cache([3]), [1], [3])
    assert graphs.usable


@given(st.integers(1, 300), st.integers(0, 300))
def test_rows_are_rounded_up_a_little(count: int, free: int) -> None:
    rows = rounded_rows(count, count + free)
    assert count <= rows <= count + free
    assert rows <= 1.5 * count


def test_few_sizes_of_batches() -> None:
    assert {rounded_rows(count, 64) for count in range(1, 65)} == {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64}
