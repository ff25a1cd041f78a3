"""The saving of one record in virtual time: coalesced and paced as the product's RecordSaver does, by its own pacer."""

from __future__ import annotations

from collections.abc import Callable

from actors.job.pacing import SavePacer
from benchmarks.simulation.agenda import Agenda

TICK_S = 0.001
"""Time moves by at least so much: a shorter wait would be none in floating point."""


class SimulatedSaver:
    """write(done): begins a write of the newest state, which calls ``done(bytes)`` once it is stored."""

    def __init__(self, agenda: Agenda, write: Callable[[Callable[[int], None]], None]) -> None:
        self._agenda = agenda
        self._write = write
        self._pacer = SavePacer()
        self._pending = False
        self._urgent = False
        self._writing = False
        self._since = 0.0
        self._looks_at = -1.0

    def claimed(self, size: int) -> None:
        """The claim was a write, too."""
        self._pacer.saved(self._agenda.now, size)

    def offer(self, *, urgent: bool) -> None:
        if not self._pending:
            self._since = self._agenda.now
        self._pending = True
        self._urgent = self._urgent or urgent
        self._look()

    def _look(self) -> None:
        if self._writing or not self._pending:
            return
        now = self._agenda.now
        delay = self._pacer.wait(now, self._since, self._urgent)
        if delay <= 0:
            self._pending, self._urgent, self._writing = False, False, True
            self._write(self._written)
        elif self._looks_at <= now or now + delay < self._looks_at:
            self._looks_at = now + max(delay, TICK_S)
            self._agenda.at(self._looks_at, self._look)

    def _written(self, size: int) -> None:
        self._writing = False
        self._pacer.saved(self._agenda.now, size)
        self._look()
