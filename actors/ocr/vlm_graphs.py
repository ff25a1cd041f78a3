"""Steps of a running batch as CUDA graphs: launching a model's thousand small kernels takes longer than they do.

A step is recorded once for each size it is met in and then replayed as a whole. So that sizes are few, rows and columns
are rounded up: rows beyond the batch are written in their first column, where nobody looks before a page enters there,
and columns beyond a row's length are masked. What a recording gives is compared with the step that it was taken from;
one that differs, or can't be made, ends the recording for good, and steps run one kernel at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from actors.ocr.vlm_cache import RowCache

logger = logging.getLogger(__name__)

COLUMN_STEP = 256
MOST_KEPT = 128
"""Recordings; beyond that all are made anew."""

CLOSE = 0.02
"""How far a replayed step's logits may lie from the step's own, as a share of the largest."""

Replay = Callable[[], Any]
Recorder = Callable[[Callable[[], None]], Replay]
"""Turns what is to be run into what runs it again, on the same tensors. One records what is never run side by side."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What a step reads and writes: one set of tensors for all recordings, of which each uses the first rows.

    tokens: (rows, 1). positions: (..., rows, 1), as the model takes them. lengths: (rows,). logits: (rows, vocabulary),
    float32.
    """

    tokens: Any
    positions: Any
    lengths: Any
    logits: Any


class StepGraphs:
    """rows: most pages that are ever in the batch. new_recorder: of the device; another one whenever all recordings
    were given up."""

    def __init__(self, model: Any, rows: int, new_recorder: Callable[[], Recorder]) -> None:
        self._model = model
        self._most_rows = rows
        self._new_recorder = new_recorder
        self._recorder = new_recorder()
        self._replays: dict[tuple[int, int], Replay] = {}
        self._numbers: dict[int, Any] = {}
        self._step: _Step | None = None
        self._storage = 0
        self.usable = True

    def step(self, cache: RowCache, tokens: Any, positions: Any, lengths: Any, columns: int) -> Any | None:
        """The logits (rows, vocabulary), float32, of the next token of each row; None where a step can't be replayed.

        They are valid until the next step. columns: with those that the step writes. torch.OutOfMemoryError.
        """
        if not self.usable:
            return None
        count = len(lengths)
        rows, columns = rounded_rows(count, self._most_rows), -(-columns // COLUMN_STEP) * COLUMN_STEP
        cache.reserve(self._most_rows, columns)
        if cache.storage != self._storage or len(self._replays) >= MOST_KEPT:
            self._replays.clear()
            self._recorder = self._new_recorder()
            self._storage = cache.storage
        step = self._filled(tokens, positions, lengths)
        replay = self._replays.get((rows, columns))
        if replay is None:
            replay = self._recorded(step, cache, rows, columns)
            if replay is None:
                return None
            self._replays[rows, columns] = replay
        else:
            replay()
        return step.logits[:count]

    def _filled(self, tokens: Any, positions: Any, lengths: Any) -> _Step:
        rows, count = self._most_rows, len(lengths)
        if self._step is None:
            vocabulary = self._model.get_output_embeddings().weight.shape[0]
            self._step = _Step(
                tokens.new_zeros((rows, 1)),
                positions.new_zeros((*positions.shape[:-2], rows, 1)),
                lengths.new_zeros((rows,)),
                torch.zeros((rows, vocabulary), device=tokens.device),
            )
        self._step.tokens[:count] = tokens
        self._step.positions[..., :count, :] = positions
        self._step.lengths[:count] = lengths
        self._step.lengths[count:] = 0
        return self._step

    def _recorded(self, step: _Step, cache: RowCache, rows: int, columns: int) -> Replay | None:
        device = step.tokens.device
        numbers, places = self._counted(rows, device), self._counted(columns, device)

        def run() -> None:
            lengths = step.lengths[:rows]
            cache.begin(lengths, columns, numbers)
            output = self._model(
                input_ids=step.tokens[:rows],
                attention_mask=(places <= lengths[:, None])[:, None, None],
                position_ids=step.positions[..., :rows, :],
                past_key_values=cache,
                use_cache=True,
                return_dict=True,
            )
            step.logits[:rows] = output.logits[:, -1]

        try:
            run()
            expected = step.logits[:rows].clone()
            replay = self._recorder(run)
            replay()
            apart = float((step.logits[:rows] - expected).abs().max() / expected.abs().max())
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # whatever a model does that can't be recorded
            apart, reason = float("nan"), f"{type(error).__name__}: {error}"[:300]
        else:
            reason = f"a replayed step differs by {apart:.1%}"
        if apart <= CLOSE:
            return replay
        logger.warning("Steps are run one kernel at a time: %s", reason)
        self.usable = False
        self._replays.clear()
        return None

    def _counted(self, count: int, device: Any) -> Any:
        """0, 1, 2 ... (count,), kept: a recording reads its tensors where they lay, and holds none of them."""
        return self._numbers.setdefault(count, torch.arange(count, device=device))


def rounded_rows(count: int, most: int) -> int:
    """Up to 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on, but not beyond ``most``, so that at most a third is for nothing."""
    power = 1 << (count - 1).bit_length()
    return min(most, power * 3 // 4 if count <= power * 3 // 4 else power)


class GpuRecorder:
    """CUDA graphs. They share memory, as none of their tensors is looked at between two replays; torch gives up that
    memory for good with the last of them, so that later ones need another recorder.
    """

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, run: Callable[[], None]) -> Replay:
        graph = torch.cuda.CUDAGraph()
        torch.cuda.synchronize()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            run()
        replay: Replay = graph.replay
        return replay
