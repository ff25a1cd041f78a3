from __future__ import annotations

import pytest

from actors.ocr.vlm_guardrails import STOPPED, Guardrails, Stop, Watch
from actors.ocr.vlm_repetition import RepetitionLimits

END = 3
GUARDRAILS = Guardrails(tokens=20, seconds=5, repetition=RepetitionLimits(longest=4, times=3, span=6))


def watch(length: int | None = None) -> Watch:
    return Watch(GUARDRAILS, frozenset({END}), now=100.0, length=length)


def run(watching: Watch, tokens: list[int], seconds: float = 0) -> Stop | None:
    """The first stop; each token takes so many seconds."""
    stops = (watching.takes(token, 100 + seconds * count) for count, token in enumerate(tokens, start=1))
    return next((stop for stop in stops if stop), None)


def test_a_page_ends_with_the_token_that_says_so() -> None:
    watching = watch()
    assert run(watching, [5, 6, END]) is Stop.END
    assert watching.tokens == [5, 6]


def test_a_page_that_writes_on_trips_its_budgets() -> None:
    assert run(watch(), list(range(10, 29))) is None
    watching = watch()
    assert run(watching, list(range(10, 99))) is Stop.TOKENS
    assert len(watching.tokens) == 20
    assert run(watch(), [10, 11, 12], seconds=2) is Stop.TIME
    assert run(watch(), [10, 11, 12], seconds=1) is None


def test_a_loop_trips_it() -> None:
    watching = watch()
    assert run(watching, [9, 7, 8, 7, 8, 7, 8, 7, 8]) is Stop.REPETITION
    assert watching.tokens == [9, 7, 8, 7, 8, 7, 8]


def test_a_forced_length_is_kept_whatever_is_written() -> None:
    watching = watch(length=30)
    assert run(watching, [END] * 29) is None
    assert watching.takes(7, 1e9) is Stop.END
    assert len(watching.tokens) == 30


@pytest.mark.parametrize("stop", STOPPED)
def test_the_second_try_differs(stop: Stop) -> None:
    again = GUARDRAILS.second_try(stop)
    assert again != GUARDRAILS
    assert again.penalty >= GUARDRAILS.penalty
    assert again.scale <= 1
    assert str(again) != str(GUARDRAILS)


def test_what_the_second_try_changes_fits_what_went_wrong() -> None:
    assert GUARDRAILS.second_try(Stop.TOKENS).tokens == 40
    assert GUARDRAILS.second_try(Stop.REPETITION).penalty == pytest.approx(1.1)
    assert GUARDRAILS.second_try(Stop.TIME).scale == pytest.approx(0.7)
    assert {*STOPPED, Stop.END} == set(Stop)
