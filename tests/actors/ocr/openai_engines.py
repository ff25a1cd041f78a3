"""Makes engines ``openai`` for tests: impatient ones, and closed in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from actors.ocr.engine import BatchLimits
from actors.ocr.openai_engine import OpenAiEngine

MakeEngine = Callable[..., OpenAiEngine]


@contextmanager
def making(url: str) -> Iterator[MakeEngine]:
    """What it is called with goes to the engine, in place of what is given here."""
    with ExitStack() as stack:

        def make(**options: Any) -> OpenAiEngine:
            given = {
                "url": url,
                "limits": BatchLimits(pages=6, pixels=400_000_000, wait_ms=0),
                "in_flight": 6,
                "load_s": 2.0,
                "jitter": lambda pause: 0.01,
                **options,
            }
            engine = OpenAiEngine(**given)
            stack.callback(engine.close)
            return engine

        yield make
