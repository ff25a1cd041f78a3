"""When a replica has done enough: after so many pages, or above so much memory, another one takes its place.

Libraries that read strangers' pages leak now and then. A replica that retires takes no further call, finishes what it
has, and then says so to its health check, on which it is replaced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetirementLimits:
    """None: no limit. memory_mb: of the process, in megabytes."""

    pages: int | None = None
    memory_mb: int | None = None


class Retirement:
    """memory_mb: asks how much the process takes now."""

    def __init__(self, limits: RetirementLimits, memory_mb: Callable[[], float]) -> None:
        self._limits = limits
        self._memory_mb = memory_mb
        self.reason: str | None = None
        """Why the replica retires; None while it does not."""

    def consider(self, pages: int) -> bool:
        """Whether this is the moment at which the replica is to retire. pages: read so far."""
        if self.reason is not None:
            return False
        limits = self._limits
        if limits.pages is not None and pages >= limits.pages:
            self.reason = f"It has read {pages} pages."
        elif limits.memory_mb is not None and (taken := self._memory_mb()) > limits.memory_mb:
            self.reason = f"It takes {taken:.0f} MB."
        return self.reason is not None
