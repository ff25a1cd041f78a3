"""Pages without a word: drawn photographs, and paper with dirt on it."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.ocr.engine import Pixels

WIDTH, HEIGHT = 620, 820

Shades = NDArray[np.float32]
Draw = Callable[[np.random.Generator], Pixels]


def clouds(random: np.random.Generator) -> Pixels:
    return _gray(60 + 180 * _clouds(random, persistence=0.5))


def rocks(random: np.random.Generator) -> Pixels:
    return _gray(255 * _clouds(random, persistence=0.8))


def noise(random: np.random.Generator) -> Pixels:
    return random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


def bricks(random: np.random.Generator) -> Pixels:
    image = np.full((HEIGHT, WIDTH, 3), 190, np.uint8)
    for row, y in enumerate(range(0, HEIGHT, 34)):
        for x in range(-80 if row % 2 else -40, WIDTH, 80):
            colour = np.array([150, 70, 50]) + random.integers(-30, 30, 3)
            cv2.rectangle(image, (x + 3, y + 3), (x + 77, y + 31), colour.tolist(), -1)
    return image


def leaves(random: np.random.Generator) -> Pixels:
    image = np.full((HEIGHT, WIDTH, 3), (70, 90, 40), np.uint8)
    for _ in range(900):
        green = int(random.integers(60, 200))
        axes = (int(random.integers(12, 40)), int(random.integers(4, 14)))
        cv2.ellipse(image, _place(random), axes, int(random.integers(360)), 0, 360, (green // 2, green, green // 3), -1)
    return image


def stripes(random: np.random.Generator) -> Pixels:
    x = np.arange(WIDTH)[None]
    return _gray(np.where(np.sin(x / 20 + 12 * _clouds(random)) > 0, 240, 20))


def house_front(random: np.random.Generator) -> Pixels:
    image = np.full((HEIGHT, WIDTH, 3), (170, 160, 150), np.uint8)
    for y in range(30, HEIGHT - 80, 100):
        for x in range(20, WIDTH - 50, 75):
            dark = int(random.integers(20, 110))
            cv2.rectangle(image, (x, y), (x + 48, y + 70), (dark, dark, dark + 20), -1)
            cv2.rectangle(image, (x, y), (x + 48, y + 70), (220, 220, 210), 4)
            cv2.line(image, (x + 24, y), (x + 24, y + 70), (220, 220, 210), 3)
    return image


def speckles(random: np.random.Generator) -> Pixels:
    image = _paper(random)
    for _ in range(300):
        cv2.circle(image, _place(random), int(random.integers(1, 3)), (60, 60, 60), -1, cv2.LINE_AA)
    return image


def folds(random: np.random.Generator) -> Pixels:
    image = _paper(random)
    for y in (HEIGHT // 3, 2 * HEIGHT // 3):
        image[y : y + 3] = np.clip(image[y : y + 3].astype(int) - 60, 0, 255).astype(np.uint8)
    return image


def binding(random: np.random.Generator) -> Pixels:
    shadow = 1 - 0.9 * np.exp(-np.arange(WIDTH) / 30)
    image: Pixels = (_paper(random) * shadow[None, :, None]).astype(np.uint8)
    image[:, -12:] = 20
    return image


def ruled(random: np.random.Generator) -> Pixels:
    image = _paper(random)
    for y in range(80, HEIGHT, 28):
        cv2.line(image, (0, y), (WIDTH, y), (150, 170, 210), 1)
    cv2.line(image, (70, 0), (70, HEIGHT), (220, 120, 120), 2)
    return image


def punched(random: np.random.Generator) -> Pixels:
    image = _paper(random)
    for y in (HEIGHT // 4, HEIGHT // 2, 3 * HEIGHT // 4):
        cv2.circle(image, (40, y), 14, (25, 25, 25), -1, cv2.LINE_AA)
    return image


PHOTOGRAPHS: tuple[Draw, ...] = (clouds, rocks, noise, bricks, leaves, stripes, house_front)
DIRT: tuple[Draw, ...] = (speckles, folds, binding, ruled, punched)


def _clouds(
    random: np.random.Generator, persistence: float = 0.55
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Grain of all sizes, 0 to 1. persistence: how much weaker each finer one is."""
    clouds: Shades = np.zeros((HEIGHT, WIDTH), np.float32)
    for octave in range(7):
        grain = random.standard_normal((3 * 2**octave + 2, 3 * 2**octave + 2)).astype(np.float32)
        clouds += persistence**octave * cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    clouds -= clouds.min()
    clouds /= clouds.max()
    return clouds


def _gray(shades: Shades) -> Pixels:
    return np.repeat(np.clip(shades, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _paper(random: np.random.Generator) -> Pixels:
    return np.clip(244 + random.normal(0, 3, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)


def _place(random: np.random.Generator) -> tuple[int, int]:
    return int(random.integers(WIDTH)), int(random.integers(HEIGHT))
