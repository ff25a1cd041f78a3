"""One page on its way through a vision-language model: its tries, and the answer that comes of them."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field

from actors.ocr.engine import PageImage
from actors.ocr.markdown_text import plain_text
from actors.ocr.vlm_guardrails import STOPPED, Guardrails, Stop, Watch
from actors.ocr.vlm_pages import PageInputs
from cluster.errors import EngineGaveUp, PageError
from cluster.page_text import PageText

TRIES = 2


@dataclass(slots=True, eq=False)
class PageTries:
    """guardrails: of the try that runs. inputs: once they are prepared. watch: while it holds a row.

    start: seconds of the performance counter. stops: why earlier tries ended.
    """

    page: PageImage
    guardrails: Guardrails
    start: float = field(default_factory=time.perf_counter)
    preparing: Future[PageInputs] | None = None
    inputs: PageInputs | None = None
    watch: Watch | None = None
    stops: tuple[Stop, ...] = ()

    @property
    def again(self) -> bool:
        """Whether an earlier try tripped a guardrail."""
        return bool(self.stops)

    def tripped(self, stop: Stop) -> PageError | None:
        """The page's answer where it has had its tries; else None, and ``guardrails`` are those of the next."""
        self.stops = (*self.stops, stop)
        if len(self.stops) >= TRIES:
            return EngineGaveUp(f"{self._why()}; given up.")
        self.guardrails = self.guardrails.second_try(stop)
        self.preparing = self.inputs = self.watch = None
        return None

    def text(self, markdown: str, engine: str, version: str) -> PageText:
        return PageText(
            text=plain_text(markdown),
            markdown=markdown,
            engine=engine,
            engine_version=version,
            duration_ms=round((time.perf_counter() - self.start) * 1000),
            attempts=len(self.stops) + 1,
            reason=f"{self._why()}; read again with {self.guardrails}." if self.stops else None,
        )

    def _why(self) -> str:
        reasons = " and then ".join(f"{STOPPED[stop]} ({stop.value})" for stop in self.stops)
        return reasons[0].upper() + reasons[1:]
