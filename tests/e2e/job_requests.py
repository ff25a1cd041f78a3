"""What tests ask of a running cluster's API about jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx


class JobRequests:
    """http: leads to the API."""

    http: httpx.Client

    def submit(self, path: Path, **options: str) -> str:
        """The job's id."""
        with path.open("rb") as file:
            answer = self.http.post("/api/jobs", files={"file": (path.name, file)}, data=options)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["job_id"])

    def status(self, job_id: str) -> dict[str, Any]:
        """The job's record."""
        answer = self.http.get(f"/api/jobs/{job_id}/status")
        assert answer.status_code == 200, answer.text
        record: dict[str, Any] = answer.json()
        return record
