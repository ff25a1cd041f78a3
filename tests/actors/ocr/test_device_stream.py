from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from actors.ocr.device_stream import DeviceStream, grouped
from actors.ocr.onnx_graph import Graph, Step
from actors.ocr.onnx_network import Network
from actors.ocr.ordered_pool import OrderedPool
from actors.ocr.ppocr_network import Images

NETWORK = Network(Graph("x", "y", (Step("Relu", ("x",), "y"),), {}))


def image(shade: int, width: int = 4, count: int = 1) -> Images:
    return np.full((count, 2, width, 3), shade, np.uint8)


def brightest(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x.amax((1, 2, 3)), x.amin((1, 2, 3))


def test_bytes_become_numbers_of_minus_one_to_one() -> None:
    stream = DeviceStream(Network(Graph("x", "x", (), {})), brightest, 1)
    ((most, least),) = stream.answers([np.array([[[[0, 0, 255]]]], np.uint8)])
    assert (most.tolist(), least.tolist()) == ([1.0], [-1.0])


@pytest.mark.parametrize("most_pixels", [1, 20, 1000])
def test_each_batch_has_its_own_answer_however_they_are_grouped(most_pixels: int) -> None:
    shades = [255, 0, 204, 153, 255]
    batches = [
        image(shade, width, count) for shade, width, count in zip(shades, [4, 4, 4, 6, 6], [1, 2, 1, 1, 3], strict=True)
    ]
    answers = list(DeviceStream(NETWORK, brightest, most_pixels).answers(batches))
    assert [len(most) for most, _ in answers] == [1, 2, 1, 1, 3]
    assert [float(most[0]) for most, _ in answers] == pytest.approx([1, 0, 0.6, 0.2, 1])


def test_neighbours_of_one_size_go_together_up_to_a_number_of_pixels() -> None:
    batches = [image(0), image(1), image(2), image(3, 6), image(4), image(5, count=9), image(6)]
    groups = [[int(each[0, 0, 0, 0]) for each in group] for group in grouped(batches, 16)]
    assert groups == [[0, 1], [2], [3], [4], [5], [6]]
    assert list(grouped([], 16)) == []


def test_with_a_pool_batches_are_worked_on_side_by_side() -> None:
    pool = OrderedPool(2, "test")
    stream = DeviceStream(NETWORK, brightest, 1, pool)
    answers = list(stream.answers(image(255 - shade) for shade in range(5)))
    assert [float(most[0]) for most, _ in answers] == pytest.approx([1 - shade / 127.5 for shade in range(5)])
    pool.close()


def test_a_full_device_is_the_callers_to_handle() -> None:
    def full(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        raise torch.OutOfMemoryError("full")

    def batches() -> Iterator[Images]:
        yield image(0)

    with pytest.raises(torch.OutOfMemoryError):
        list(DeviceStream(NETWORK, full, 1).answers(batches()))
