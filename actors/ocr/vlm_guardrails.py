"""Guardrails of a page that a model writes: how long it may become, how long it may take, and that it goes on. Pure.

A page that trips one is read once more with other settings; a page that trips one again is given up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from actors.ocr.vlm_repetition import RepetitionDetector, RepetitionLimits


class Stop(StrEnum):
    """Why a page's output ended. All but END are guardrails."""

    END = "end"
    REPETITION = "repetition"
    TOKENS = "token_budget"
    TIME = "time_budget"


STOPPED = {
    Stop.REPETITION: "the model repeated itself",
    Stop.TOKENS: "its text did not end within the token budget",
    Stop.TIME: "it did not end within the time budget",
}
"""For people."""


@dataclass(frozen=True, slots=True)
class Guardrails:
    """tokens: most that are written for a page. seconds: from the page's entry into a row.

    penalty: by which what was written already becomes less likely to be written again; 1 changes nothing.
    scale: of the page image's sides, before the model's own resizing. repetition: what counts as a loop.
    """

    tokens: int
    seconds: float
    penalty: float = 1.0
    scale: float = 1.0
    repetition: RepetitionLimits = field(default_factory=RepetitionLimits)

    def second_try(self, stop: Stop) -> Guardrails:
        """How a page is read again. A smaller image changes what the model sees, and leaves more time for writing."""
        match stop:
            case Stop.REPETITION:
                return replace(self, penalty=self.penalty + 0.1, scale=0.8 * self.scale)
            case Stop.TIME:
                return replace(self, scale=0.7 * self.scale)
            case _:
                return replace(self, tokens=2 * self.tokens, penalty=self.penalty + 0.05)

    def __str__(self) -> str:
        return f"{self.tokens} tokens, {self.seconds:g} s, penalty {self.penalty:g}, image at {self.scale:.0%}"


class Watch:
    """Watches over one try at a page. ends: the tokens that end an output. now: seconds of any clock.

    length: for measurements: the output ends at so many tokens, whatever the model writes.
    """

    def __init__(self, guardrails: Guardrails, ends: frozenset[int], now: float, *, length: int | None = None) -> None:
        self.guardrails = guardrails
        self.tokens: list[int] = []
        self._ends = ends
        self._until = now + guardrails.seconds
        self._length = length
        self._repetition = RepetitionDetector(guardrails.repetition)

    def takes(self, token: int, now: float) -> Stop | None:
        """Why the output ends with this token, None where it goes on. The token that says the end is not kept."""
        if self._length is not None:
            self.tokens.append(token)
            return Stop.END if len(self.tokens) >= self._length else None
        if token in self._ends:
            return Stop.END
        self.tokens.append(token)
        if self._repetition.takes(token):
            return Stop.REPETITION
        if len(self.tokens) >= self.guardrails.tokens:
            return Stop.TOKENS
        return Stop.TIME if now >= self._until else None
