"""What one user may do: limits that come with an API key. None of them is limited where it is None."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """jobs_at_once: accepted and not ended. pages_a_day: of jobs submitted in one UTC day. upload_mb: of one document.

    requests_a_second: over all Ingress replicas together.
    """

    jobs_at_once: int | None = None
    pages_a_day: int | None = None
    upload_mb: int | None = None
    requests_a_second: float | None = None

    @property
    def counted(self) -> bool:
        """Whether anything is limited that all Ingress replicas must count together."""
        return self.jobs_at_once is not None or self.pages_a_day is not None


UNLIMITED = Limits()
