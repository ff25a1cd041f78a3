"""What users take up, counted over all Ingress replicas together: jobs at once, and pages of the day.

serve_app/ray_usage.py has the real one, an actor that holds a UsageCount; tests take the count itself.
"""

from __future__ import annotations

from typing import Protocol

from cluster.errors import RequestError
from serve_app.limits import Limits


class Usage(Protocol):
    """Where the count can't be had, everybody is admitted: availability before strictness."""

    async def admit(self, email: str, job_id: str, limits: Limits) -> RequestError | None:
        """Keeps a place for the job, for a while; asked again for the same job it changes nothing.

        TooManyJobs or QuotaExceeded, returned and not raised, where there is no place.
        """

    async def begun(self, email: str, job_id: str) -> None:
        """The job's marker stands: it has its place until it ends, whether or not one was kept."""

    async def released(self, email: str, job_id: str) -> None:
        """Nothing came of the job: its place is free again."""

    async def deleted(self, email: str, job_id: str, pages: int) -> None:
        """The job, which had so many pages, is being deleted: soon no record will tell of them."""


class NoUsage:
    """Nothing is counted: there are no API keys, and so no limits."""

    async def admit(self, email: str, job_id: str, limits: Limits) -> RequestError | None:
        return None

    async def begun(self, email: str, job_id: str) -> None:
        return None

    async def released(self, email: str, job_id: str) -> None:
        return None

    async def deleted(self, email: str, job_id: str, pages: int) -> None:
        return None
