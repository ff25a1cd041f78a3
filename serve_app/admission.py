"""Whether a user may begin a job now, by the limits of the API key; and the place that the job has from then on."""

from __future__ import annotations

import asyncio
import contextvars

from cluster.errors import RequestError
from cluster.record import JobRecord
from serve_app.background import Background
from serve_app.identity import Identity
from serve_app.usage import Usage


class Admissions:
    """Nobody is asked about callers without such limits, or told of them."""

    def __init__(self, usage: Usage, background: Background) -> None:
        self._usage = usage
        self._background = background

    async def ask(self, caller: Identity, job_id: str) -> RequestError | None:
        """None where the job has a place, else what to raise. Where the asking is cancelled no place is kept."""
        if not caller.limits.counted:
            return None
        asking = self._usage.admit(caller.email, job_id, caller.limits)
        asked = asyncio.get_running_loop().create_task(asking, context=contextvars.Context())
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            self._background.start(self._take_back(asked, caller, job_id))
            raise

    def begun(self, caller: Identity, job_id: str) -> None:
        """The job's marker stands."""
        if caller.limits.counted:
            self._background.start(self._usage.begun(caller.email, job_id))

    def release(self, caller: Identity, job_id: str) -> None:
        """Nothing came of the job."""
        if caller.limits.counted:
            self._background.start(self._usage.released(caller.email, job_id))

    def deleted(self, caller: Identity, record: JobRecord) -> None:
        """The job is being deleted. Its pages were read all the same."""
        if caller.limits.counted and record.pages:
            self._background.start(self._usage.deleted(caller.email, record.job_id, len(record.pages)))

    async def _take_back(self, asked: asyncio.Task[RequestError | None], caller: Identity, job_id: str) -> None:
        await asyncio.wait([asked])
        await self._usage.released(caller.email, job_id)
