"""When a record may be saved: about one write a second to one name, with a small burst.

Pure: a bucket of three tokens, one refilled each interval. Progress leaves the last token for what must go at once:
a claim, a cancellation, the end.
"""

from __future__ import annotations

from dataclasses import dataclass

BURST = 3
INTERVAL_S = 1.0
SMALL_RECORD = 256 * 1024
GATHER_S = 0.1
LONGEST_S = 30.0


@dataclass(slots=True)
class SavePacer:
    """Times are seconds of one monotonic clock. gather_s: how long progress waits for more of itself."""

    gather_s: float = GATHER_S
    _tokens: float = BURST
    _at: float = 0.0
    _interval: float = INTERVAL_S
    _penalty: float = 1.0

    def wait(self, now: float, since: float, urgent: bool) -> float:
        """Seconds until a save that was asked for at ``since`` may go, 0 for now."""
        self._refill(now)
        needed = 1.0 if urgent else 2.0
        for_token = max(0.0, needed - self._tokens) * self._interval * self._penalty
        return for_token if urgent else max(for_token, since + self.gather_s - now)

    def saved(self, now: float, size: int) -> None:
        """A save of ``size`` bytes was tried; above 256 KB the interval grows with the size."""
        self._refill(now)
        self._tokens = max(0.0, self._tokens - 1.0)
        self._interval = INTERVAL_S * max(1.0, size / SMALL_RECORD)
        self._penalty = max(1.0, self._penalty / 2)

    def taken_over(self, now: float) -> None:
        """Another owner wrote to the name until just now, and may have left nothing of its burst."""
        self._refill(now)
        self._tokens = 0.0

    def throttled(self, now: float) -> None:
        """The store asks for fewer writes to this name: the bucket is empty and fills half as fast."""
        self._refill(now)
        self._tokens = 0.0
        self._penalty = max(1.0, min(self._penalty * 2, LONGEST_S / self._interval))

    def _refill(self, now: float) -> None:
        self._tokens = min(BURST, self._tokens + max(0.0, now - self._at) / (self._interval * self._penalty))
        self._at = now
