"""The engine ``null``: reads nothing, at once or after a set delay. For measuring the cluster alone and for tests.

Never a fallback. Its faults are scripted in a small grammar, which ``faults.py`` gives.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from actors.ocr.engine import BatchLimits, Capabilities, PageImage
from actors.ocr.faults import FaultCounter, FaultKind, ScriptedFault, parse_faults
from cluster.errors import EngineFailed, EngineOutOfMemory, PageError
from cluster.page_text import Line, PageText

CRASH_STATUS = 1


class NullEngine:
    """delay_ms: what a batch takes, whatever its size. faults: a script. fault_folder: where crashes are counted.

    StartupError: the script is wrong.
    """

    name = "null"
    version = "1"
    capabilities = Capabilities()

    def __init__(self, *, fault_folder: Path, limits: BatchLimits, delay_ms: float = 0, faults: str = "") -> None:
        self.limits = limits
        self._delay_ms = delay_ms
        self._faults = FaultCounter(parse_faults(faults), fault_folder)

    def load(self) -> None:
        """Nothing to load."""

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        if batch and self._delay_ms:
            time.sleep(self._delay_ms / 1000)
        return [self._answer(page) for page in batch]

    def _answer(self, page: PageImage) -> PageText | PageError:
        for fault in self._faults.next_of(page.page):
            error = _suffer(fault)
            if error is not None:
                return error
        return self._text(page)

    def _text(self, page: PageImage) -> PageText:
        """Two lines that fill the page: its number, and its size in pixels."""
        height, width = page.pixels.shape[:2]
        half = height / 2
        lines = (
            Line(f"page {page.page}", (0.0, 0.0, float(width), half), 1.0),
            Line(f"{width} x {height} pixels", (0.0, half, float(width), float(height)), 1.0),
        )
        text = "\n".join(line.text for line in lines)
        return PageText(
            text,
            lines,
            engine=self.name,
            engine_version=self.version,
            confidence=1.0,
            duration_ms=round(self._delay_ms),
        )


def _suffer(fault: ScriptedFault) -> PageError | None:
    match fault.kind:
        case FaultKind.CRASH:
            os._exit(CRASH_STATUS)
        case FaultKind.HANG:
            threading.Event().wait()
        case FaultKind.SLOW:
            time.sleep(fault.ms / 1000)
        case FaultKind.OOM:
            return EngineOutOfMemory("Scripted: out of memory.")
        case FaultKind.FAIL:
            return EngineFailed("Scripted: the page can't be read.")
    return None
