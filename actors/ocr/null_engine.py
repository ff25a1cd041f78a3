"""The null engine: reads nothing, in a set time. For measuring the cluster and for fault tests, never a fallback."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from actors.ocr.engine import BatchLimits, PageImage
from actors.ocr.faults import FaultCounts, ScriptedFault, parse_faults
from cluster.errors import EngineFailed, EngineOutOfMemory, PageError
from cluster.page_text import Line, PageText


class NullEngine:
    """delay_ms: for each batch, whatever its size. script: see faults.py. fault_folder: keeps the counts of crashes."""

    name = "null"
    version = "1"
    needs_pixels = False

    def __init__(
        self, limits: BatchLimits, *, delay_ms: float = 0, script: str = "", fault_folder: Path | None = None
    ) -> None:
        self.limits = limits
        self._delay_s = delay_ms / 1000
        self._faults: dict[int, list[ScriptedFault]] = {}
        for fault in parse_faults(script):
            self._faults.setdefault(fault.page, []).append(fault)
        self._counts = FaultCounts(fault_folder)

    def load(self) -> None:
        """Nothing to load."""

    def recognize(self, batch: list[PageImage]) -> list[PageText | PageError]:
        if batch and self._delay_s:
            time.sleep(self._delay_s)
        return [self._read(page, alone=len(batch) == 1) for page in batch]

    def _read(self, page: PageImage, *, alone: bool) -> PageText | PageError:
        for fault in self._faults.get(page.page, ()):
            if fault.kind == "oom" and alone:
                continue
            if self._counts.strikes(fault):
                error = self._strike(fault)
                if error is not None:
                    return error
        height, width = page.pixels.shape[:2]
        text = f"page {page.page}"
        line = Line(text, (0.0, 0.0, float(width), float(height)), 1.0)
        return PageText(text, (line,), engine=self.name, engine_version=self.version, confidence=1.0)

    def _strike(self, fault: ScriptedFault) -> PageError | None:
        match fault.kind:
            case "crash":
                os._exit(1)
            case "hang":
                threading.Event().wait()
            case "slow":
                time.sleep(fault.ms / 1000)
            case "oom":
                return EngineOutOfMemory("The script says: out of memory.")
            case _:
                return EngineFailed("The script says: failed.")
        return None
