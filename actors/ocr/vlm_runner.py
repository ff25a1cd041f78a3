"""Runs a batch whose rows are pages: new ones enter by one pass over their prompts, all write a token at a step.

Greedy: the likeliest token is written, where a row's penalty is above 1 after what it has written became less likely.
Positions are those that transformers' own ``generate`` gives to a prompt,
counted on by one a token: for models with positions in three dimensions, too, each row by itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import torch
from transformers import DynamicCache

from actors.ocr.vlm_cache import RowCache
from actors.ocr.vlm_graphs import StepGraphs
from actors.ocr.vlm_model import VlmModel
from actors.ocr.vlm_pages import PageInputs, collated

Item = TypeVar("Item")


@dataclass(slots=True, eq=False)
class Row(Generic[Item]):
    """A page that is being written. length: tokens of prompt and output in the cache.

    penalty: above 1, what was written becomes less likely to be written again.
    """

    item: Item
    length: int
    penalty: float = 1.0


class BatchRunner(Generic[Item]):
    """graphs: by which steps are replayed. keep_logits: to compare them; ``logits`` then holds those of the last pass,
    a row each."""

    def __init__(self, vlm: VlmModel, *, graphs: StepGraphs | None = None, keep_logits: bool = False) -> None:
        self._model = vlm.model
        self._padding = vlm.padding
        self._device = vlm.device
        self._only_last = "logits_to_keep" in inspect.signature(vlm.model.forward).parameters
        self._graphs = graphs
        self._keep_logits = keep_logits
        self._cache: RowCache | None = None
        self._tokens = self._positions = self._lengths = self._written = torch.empty(0)
        self.rows: list[Row[Item]] = []
        self.logits: Any = None

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def enter(self, group: Sequence[tuple[Item, PageInputs, float]]) -> list[tuple[Row[Item], int]]:
        """Reads the prompts of pages of one shape; their rows with the first token of each. The float: ``penalty``.

        torch.OutOfMemoryError leaves the rows as they were.
        """
        pages = [inputs for _, inputs, _ in group]
        batch = {name: value.to(self._device) for name, value in collated(pages, self._padding).items()}
        ids = batch.pop("input_ids")
        # What generate() asks of a model before its first pass.
        positions = self._model._prepare_position_ids_for_generation(ids, {**batch, "input_ids": ids})
        cache = DynamicCache()
        arguments = {**batch, "position_ids": positions, "past_key_values": cache, "use_cache": True}
        if self._only_last:
            arguments["logits_to_keep"] = 1
        inputs = self._model.prepare_inputs_for_generation(ids, is_first_iteration=True, **arguments)
        logits = self._model(**inputs, return_dict=True).logits[:, -1].float()
        rows = [Row(item, page.size, penalty) for item, page, penalty in group]
        self._admit(rows, cache, positions[..., -1:] + 1, logits.shape[-1])
        return self._write(rows, logits)

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def step(self) -> list[tuple[Row[Item], int]]:
        """Every row with its next token. torch.OutOfMemoryError leaves the rows as they were."""
        if self._cache is None or not self.rows:
            return []
        columns = max(row.length for row in self.rows) + 1
        logits = None
        if self._graphs is not None:
            logits = self._graphs.step(self._cache, self._tokens, self._positions, self._lengths, columns)
        if logits is None:
            logits = self._passed(self._cache, columns)
        for row in self.rows:
            row.length += 1
        self._lengths = self._lengths + 1
        self._positions = self._positions + 1
        return self._write(self.rows, logits)

    def _passed(self, cache: RowCache, columns: int) -> Any:
        """The logits of one token more of every row."""
        cache.begin(self._lengths, columns)
        seen = torch.arange(columns, device=self._device)[None] <= self._lengths[:, None]
        output = self._model(
            input_ids=self._tokens,
            attention_mask=seen.long(),
            position_ids=self._positions,
            past_key_values=cache,
            use_cache=True,
            return_dict=True,
        )
        return output.logits[:, -1].float()

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def leave(self, row: Row[Item]) -> None:
        """Its row is free; the last one takes its place."""
        number, last = self.rows.index(row), len(self.rows) - 1
        if self._cache is not None and number != last:
            self._cache.move(last, number, self.rows[last].length)
        order = list(range(last))
        if number != last:
            order[number] = last
        self.rows = [self.rows[n] for n in order]
        kept = torch.tensor(order, device=self._device, dtype=torch.long)
        self._tokens, self._lengths, self._written = self._tokens[kept], self._lengths[kept], self._written[kept]
        self._positions = self._positions.index_select(-2, kept)
        if not self.rows and self._cache is not None and self._graphs is None:
            self._cache.release()

    def clear(self) -> None:
        """All rows are free."""
        self.rows = []
        self._cache = None

    def _admit(self, rows: list[Row[Item]], prompts: DynamicCache, positions: Any, vocabulary: int) -> None:
        """All or nothing: what may run out of memory comes first."""
        cache = self._cache or RowCache(len(prompts.layers))
        lengths = [row.length for row in rows]
        cache.add(prompts, lengths, len(self.rows))
        added = torch.tensor(lengths, device=self._device)
        tokens = torch.zeros((len(rows), 1), dtype=torch.long, device=self._device)
        written = torch.zeros((len(rows), vocabulary), dtype=torch.bool, device=self._device)
        if self.rows:
            positions = torch.cat([self._positions, positions], dim=-2)
            added, tokens, written = (
                torch.cat(both) for both in ((self._lengths, added), (self._tokens, tokens), (self._written, written))
            )
        self._cache, self._positions = cache, positions
        self._lengths, self._tokens, self._written = added, tokens, written
        self.rows = [*self.rows, *rows]

    def _write(self, rows: list[Row[Item]], logits: Any) -> list[tuple[Row[Item], int]]:
        """rows: the last of all, those that the logits (rows, vocabulary) belong to."""
        if self._keep_logits:
            self.logits = logits.clone()
        written = self._written[len(self.rows) - len(rows) :]
        if any(row.penalty != 1 for row in rows):
            penalties = torch.tensor([[row.penalty] for row in rows], device=self._device)
            less = torch.where(logits < 0, logits * penalties, logits / penalties)
            logits = torch.where(written, less, logits)
        chosen = logits.argmax(dim=-1, keepdim=True)
        written.scatter_(1, chosen, True)
        self._tokens[len(self.rows) - len(rows) :] = chosen
        return list(zip(rows, chosen[:, 0].tolist(), strict=True))
