"""Pixels through a pipe's descriptor."""

from __future__ import annotations

import os
from multiprocessing import Pipe

import numpy as np
import pytest

from actors.render.pixel_passing import receive_pixels, send_pixels, store_pixels


def test_pixels_arrive_as_they_were_and_outlive_both_ends() -> None:
    pixels = np.random.default_rng(7).integers(0, 255, (123, 45, 3), dtype=np.uint8)
    ours, theirs = Pipe()
    with ours, theirs:
        send_pixels(theirs, store_pixels(pixels))
        received = receive_pixels(ours, 123, 45)
    assert received.dtype == np.uint8
    assert np.array_equal(received, pixels)


def test_no_descriptor_is_left_open() -> None:
    def open_descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    pixels = np.zeros((4, 4, 3), np.uint8)
    ours, theirs = Pipe()
    with ours, theirs:
        before = open_descriptors()
        for _ in range(5):
            send_pixels(theirs, store_pixels(pixels))
            del pixels
            pixels = receive_pixels(ours, 4, 4)
        del pixels
        assert open_descriptors() == before


def test_a_sender_that_has_gone_is_told() -> None:
    ours, theirs = Pipe()
    with ours:
        theirs.close()
        with pytest.raises((EOFError, OSError, RuntimeError)):
            receive_pixels(ours, 4, 4)
