"""The argument of commands that are about jobs: an id, which a shell completes by asking the server."""

from __future__ import annotations

import os
from typing import Annotated

import typer

COMPLETE_S = 2.0
COMPLETED_JOBS = 50


def job_ids(incomplete: str) -> list[tuple[str, str]]:
    """The ids of the latest jobs that begin so, each with its document and status; none where no server answers."""
    import httpx

    from gnosis_ocr.connection import connection
    from serve_app.server_choice import named_or_usual

    try:
        made = connection(named_or_usual(os.environ.get("GNOSIS_URL")), None, COMPLETE_S)
        with httpx.Client(**made.arguments) as http:
            jobs = http.get(f"/api/jobs?limit={COMPLETED_JOBS}").raise_for_status().json()["jobs"]
        found = [(str(job["job_id"]), f"{job['file_info']['filename']}, {job['status']}") for job in jobs]
    except Exception:  # of any kind: a shell that completes shows no faults
        return []
    return [(job_id, told) for job_id, told in found if job_id.startswith(incomplete)]


JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="Its id, as `submit` and `list` tell it.", autocompletion=job_ids)
]
JobsArgument = Annotated[
    list[str],
    typer.Argument(metavar="JOBS", help="Their ids, as `submit` and `list` tell them.", autocompletion=job_ids),
]
