"""Tells when a model has begun to repeat itself: the end of its output is one passage, over and over. Pure.

For every period p up to a longest one it keeps how many tokens at the end equal the one p before them. A new token
lengthens or ends each of these runs, so a token costs one comparison of short arrays, whatever its page's length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class RepetitionLimits:
    """longest: longest passage that is looked for, in tokens. times: it must stand so often in a row, and fill ``span``
    tokens in all: the empty rows of a form, and the dots of a table of contents, are repetitions that are on the page.
    """

    longest: int = 256
    times: int = 4
    span: int = 400


class RepetitionDetector:
    """Fed with one page's tokens, in order."""

    def __init__(self, limits: RepetitionLimits | None = None) -> None:
        limits = limits or RepetitionLimits()
        self._periods = np.arange(1, limits.longest + 1)
        self._enough = np.maximum(limits.times * self._periods, limits.span) - self._periods
        self._runs = np.zeros(limits.longest, np.int64)
        self._latest = np.full(limits.longest, -1, np.int64)  # the newest token first

    def takes(self, token: int) -> bool:
        """Whether, with this token, the output has become a loop. token: not negative."""
        same = self._latest == token
        self._runs += 1
        self._runs *= same
        self._latest[1:] = self._latest[:-1]
        self._latest[0] = token
        return bool((self._runs >= self._enough).any())
