"""A callback: the terminal record of one run, to be sent to where the job's submitter asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Callback:
    """prefix: the job's folder. ended_at: when the run ended, as its record says. generation: of the marker that says
    that the callback is due; while it stands, so does the run's terminal record.
    """

    job_id: str
    prefix: str
    url: str
    run: int
    ended_at: str
    generation: int

    @property
    def webhook_id(self) -> str:
        """The same at every attempt, whoever makes it, so that a receiver can drop doubles."""
        return f"{self.job_id}_{self.run}"

    @property
    def receiver(self) -> str:
        """Host and port. The path, which may hold a secret, is for nobody's log."""
        return urlsplit(self.url).netloc
