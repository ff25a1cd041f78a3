"""The keys and values of the rows of a running batch, in one tensor a layer: rows come and go at every step.

A row's columns run from 0 to its length; what lies behind is never looked at. So a new row is copied in where one is
free, the last row moves where one has left, and nobody else is touched. Positions are in the keys already, wherever
they lie.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers import Cache, DynamicCache
from transformers.cache_utils import CacheLayerMixin

COLUMNS = 256  # capacity grows by at least so many


class RowCache(Cache):  # type: ignore[misc]
    """A cache for steps of one token a row. layers: how many of the model keep keys."""

    def __init__(self, layers: int) -> None:
        self.rows = _Rows()
        super().__init__(layers=[_Layer(self.rows) for _ in range(layers)])

    def begin(self, lengths: torch.Tensor, columns: int, numbers: torch.Tensor | None = None) -> None:
        """The next forward pass writes one token for each row, at ``lengths`` (a tensor of rows), and looks at so many
        columns, that token's included. numbers: 0, 1, 2 ... of the rows, where they are at hand."""
        self.rows.lengths = lengths
        self.rows.numbers = torch.arange(len(lengths), device=lengths.device) if numbers is None else numbers
        self.rows.columns = columns

    def reserve(self, rows: int, columns: int) -> None:
        """Room for so many, made at once rather than as they come."""
        for layer in self.layers:
            layer.keys = _grown(layer.keys, rows, columns)
            layer.values = _grown(layer.values, rows, columns)

    @property
    def storage(self) -> int:
        """Another number whenever the rows lie elsewhere in memory."""
        return int(self.layers[0].keys.data_ptr())

    def add(self, prompt: DynamicCache, lengths: list[int], first: int) -> None:
        """Copies in the rows of a cache padded on the left, from row number ``first`` on."""
        for ours, theirs in zip(self.layers, prompt.layers, strict=True):
            ours.keys = _copied(ours.keys, theirs.keys, lengths, first)
            ours.values = _copied(ours.values, theirs.values, lengths, first)
            ours.is_initialized = True

    def move(self, source: int, target: int, length: int) -> None:
        """The row takes another's place."""
        for layer in self.layers:
            layer.keys[target, :, :length] = layer.keys[source, :, :length]
            layer.values[target, :, :length] = layer.values[source, :, :length]

    def release(self) -> None:
        """Gives back the memory of all rows."""
        for layer in self.layers:
            layer.keys = layer.values = None


class _Rows:
    """What the layers share."""

    lengths: torch.Tensor
    numbers: torch.Tensor
    columns = 1


class _Layer(CacheLayerMixin):  # type: ignore[misc]
    keys: Any
    values: Any

    def __init__(self, rows: _Rows) -> None:
        super().__init__()
        self._rows = rows

    def lazy_initialization(self, key_states: Any, value_states: Any) -> None:
        """Rows are added with their keys; nothing is left to be done."""

    def update(self, key_states: Any, value_states: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        rows = self._rows
        count = len(rows.lengths)
        self.keys = _grown(self.keys, count, rows.columns)
        self.values = _grown(self.values, count, rows.columns)
        self.keys[rows.numbers, :, rows.lengths] = key_states[:, :, 0]
        self.values[rows.numbers, :, rows.lengths] = value_states[:, :, 0]
        return self.keys[:count, :, : rows.columns], self.values[:count, :, : rows.columns]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self._rows.columns, 0

    def get_seq_length(self) -> int:
        return self._rows.columns - 1

    def get_max_length(self) -> int:
        return -1


def _copied(ours: Any, theirs: Any, lengths: list[int], first: int) -> Any:
    if ours is None:
        ours = theirs.new_zeros((0, theirs.shape[1], 0, theirs.shape[3]))
    ours = _grown(ours, first + len(lengths), max(lengths) + 1)
    for number, length in enumerate(lengths):
        ours[first + number, :, :length] = theirs[number, :, theirs.shape[2] - length :]
    return ours


def _grown(tensor: Any, rows: int, columns: int) -> Any:
    """With room for so many rows and columns, and some more where it had to be made anew. What is new is zero: masked
    columns are multiplied by 0, and that must not meet what is not a number."""
    had_rows, heads, had_columns, width = tensor.shape
    if rows <= had_rows and columns <= had_columns:
        return tensor
    rows = had_rows if rows <= had_rows else max(rows, 2 * had_rows)
    columns = had_columns if columns <= had_columns else max(columns + COLUMNS, had_columns * 5 // 4)
    larger = tensor.new_zeros((rows, heads, columns, width))
    larger[:had_rows, :, :had_columns] = tensor
    return larger
