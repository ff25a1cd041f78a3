"""Keeps a network's device busy: batches are copied to it and their answers back while others are being worked on.

On a GPU nothing here waits for it but the taking of an answer, and by then the next batches are queued behind: bytes go
through pinned memory (four times fewer than numbers, and copied while the GPU computes), and are made numbers there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from actors.ocr.onnx_network import Network
from actors.ocr.ordered_pool import OrderedPool
from actors.ocr.ppocr_network import Images

UNDER_WAY = 3
"""Batches that are queued on the device at once: what it works on, the next one, and one on its way back."""

Arrays = tuple[NDArray[Any], ...]
Tail = Callable[[Tensor], tuple[Tensor, ...]]


class DeviceStream:
    """tail: what is done with the network's output on the device, so that little leaves it.

    most_pixels: images of one size that come after one another are put into one batch up to so many. pool: of threads
    that work on a batch each; for small batches on a processor, whose cores would else wait for one another.
    """

    def __init__(self, network: Network, tail: Tail, most_pixels: int, pool: OrderedPool | None = None) -> None:
        self._network = network
        self._tail = tail
        self._most_pixels = most_pixels
        self._pool = pool
        self._cuda = network.device.type == "cuda"

    def answers(self, batches: Iterable[Images]) -> Iterator[Arrays]:
        """For each batch what the tail gave, in order. Raises torch's OutOfMemoryError where the device is full."""
        if self._pool is not None:
            yield from self._pool.map(self._answer, batches)
            return
        busy: deque[tuple[list[int], tuple[Tensor, ...], Any]] = deque()
        for group in grouped(batches, self._most_pixels):
            busy.append(([len(batch) for batch in group], *self._start(group)))
            if len(busy) == (UNDER_WAY if self._cuda else 1):
                yield from _finish(*busy.popleft())
        while busy:
            yield from _finish(*busy.popleft())

    def _answer(self, batch: Images) -> Arrays:
        (answer,) = _finish([len(batch)], *self._start([batch]))
        return answer

    def _start(self, group: Sequence[Images]) -> tuple[tuple[Tensor, ...], Any]:
        """The answers, and the event that tells when they are there (None: they are)."""
        with torch.inference_mode():
            outputs = self._tail(self._network(self._numbers(self._placed(group))))
            if not self._cuda:
                return outputs, None
            back = tuple(torch.empty(out.shape, dtype=out.dtype, pin_memory=True) for out in outputs)
            for target, out in zip(back, outputs, strict=True):
                target.copy_(out, non_blocking=True)
            event: Any = torch.cuda.Event()
            event.record()
            return back, event

    def _placed(self, group: Sequence[Images]) -> Tensor:
        """The images of a group as one batch on the device, still bytes."""
        if not self._cuda:
            return torch.from_numpy(group[0] if len(group) == 1 else np.concatenate(group))
        shape = (sum(len(batch) for batch in group), *group[0].shape[1:])
        # Torch keeps pinned memory and gives it out again once the copy from it is done.
        pinned = torch.empty(shape, dtype=torch.uint8, pin_memory=True)
        np.concatenate(group, out=pinned.numpy())
        return pinned.to(self._network.device, non_blocking=True)

    def _numbers(self, images: Tensor) -> Tensor:
        """(n, 3, height, width), -1 to 1, in the network's precision. As bytes come, channels are last in memory."""
        return images.permute(0, 3, 1, 2).to(self._network.dtype).mul_(1 / 127.5).sub_(1)


def grouped(batches: Iterable[Images], most_pixels: int) -> Iterator[list[Images]]:
    """Neighbours of one size, together as long as their pixels are at most that many."""
    group: list[Images] = []
    pixels = 0
    for batch in batches:
        own = batch.shape[0] * batch.shape[1] * batch.shape[2]
        if group and (batch.shape[1:] != group[0].shape[1:] or pixels + own > most_pixels):
            yield group
            group, pixels = [], 0
        group.append(batch)
        pixels += own
    if group:
        yield group


def _finish(sizes: list[int], outputs: tuple[Tensor, ...], event: Any) -> Iterator[Arrays]:
    if event is not None:
        event.synchronize()
    arrays = [output.numpy() for output in outputs]
    start = 0
    for size in sizes:
        yield tuple(array[start : start + size] for array in arrays)
        start += size
