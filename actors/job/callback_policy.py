"""When a callback that was not taken is sent again, and when it is given up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """first_s: the pause after the first attempt; each next is twice as long, up to most_s. spread: the share of a
    pause that is left to chance. give_up_after: the run's end.
    """

    first_s: float = 5.0
    most_s: float = 3600.0
    spread: float = 0.25
    give_up_after: timedelta = timedelta(days=1)

    def pause_s(self, attempts: int, chance: float, retry_after_s: float | None = None) -> float:
        """Until the next attempt, after so many (1 or more). chance: 0 to 1. retry_after_s: the receiver's wish, which
        counts up to most_s."""
        doubled = self.first_s * 2.0 ** min(attempts - 1, MOST_DOUBLINGS)
        pause = min(self.most_s, doubled) * (1 - self.spread * chance)
        return max(pause, min(retry_after_s or 0.0, self.most_s))

    def gives_up(self, ended_at: str, now: datetime) -> bool:
        """After an attempt that failed. The two times may be two machines': giving up late or early harms no record."""
        try:
            return now - datetime.fromisoformat(ended_at) >= self.give_up_after
        except (ValueError, TypeError):
            return True  # no record of ours says that
