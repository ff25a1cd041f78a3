"""Where things are stored: the only place that spells blob names.

Names are final: what is stored under them outlives any version of the code.
"""

from __future__ import annotations

import hashlib

from cluster.ids import slot_of, user_hash

RECORD = "processing.json"


def marker(job_id: str) -> str:
    """The blob that says: this job is accepted and not finished."""
    return f"active/{slot_of(job_id):02d}/{job_id}"


def markers_of_slot(slot: int) -> str:
    return f"active/{slot:02d}/"


def quarantine(job_id: str) -> str:
    return f"quarantine/{job_id}"


def heartbeats_of_host(cluster_id: str, host_name: str) -> str:
    return f"hosts/{cluster_id}/{host_name}/"


def heartbeat(cluster_id: str, host_name: str, incarnation: int) -> str:
    return f"{heartbeats_of_host(cluster_id, host_name)}{incarnation:08d}"


def heartbeat_of_owner(owner: str) -> str:
    """The heartbeat of the host process that an owner (``<cluster>/<host>/<incarnation>/<random>``) lives in."""
    return f"hosts/{owner.rpartition('/')[0]}"


def probe(token: str) -> str:
    """What start-up writes and removes, to see whether it may."""
    return f"probe/{token}"


def user_prefix(email: str) -> str:
    return f"users/{user_hash(email)}/"


def job_prefix(email: str, job_id: str) -> str:
    """The folder of everything that belongs to one job."""
    return f"{user_prefix(email)}jobs/{job_id}/"


def record(prefix: str) -> str:
    return f"{prefix}{RECORD}"


def raw(prefix: str, extension: str) -> str:
    """The upload, never changed; ``extension`` is ours (judged by content), never the client's."""
    return f"{prefix}raw/document.{extension}"


def page_image_file(page: int) -> str:
    return f"page_{page:03d}.png"


def page_image(prefix: str, page: int) -> str:
    return prefix + page_image_file(page)


def page_result_file(page: int) -> str:
    return f"page_{page:03d}_result.txt"


def page_text(prefix: str, page: int) -> str:
    return prefix + page_result_file(page)


def page_result(prefix: str, page: int) -> str:
    """The page's result with lines and boxes, created once: the page's commit point."""
    return f"{prefix}page_{page:03d}_result.json"


def page_of_result(prefix: str, name: str) -> int | None:
    """The page that ``name`` is the result (json) of, or None."""
    middle = name.removeprefix(prefix)
    if not (middle.startswith("page_") and middle.endswith("_result.json")):
        return None
    digits = middle.removeprefix("page_").removesuffix("_result.json")
    return int(digits) if digits.isdecimal() else None


def output_file(run: int, epoch: int, extension: str) -> str:
    return f"result-{run}-{epoch}.{extension}"


def output(prefix: str, run: int, epoch: int, extension: str) -> str:
    """An assembled output; only those that the terminal record names are served."""
    return prefix + output_file(run, epoch, extension)


def outputs(prefix: str) -> str:
    """What the names of all outputs of a job begin with."""
    return f"{prefix}result-"


def index_of_user(email: str) -> str:
    return f"{user_prefix(email)}by-time/"


def index(email: str, job_id: str) -> str:
    return index_of_user(email) + job_id


def idempotency(email: str, key: str) -> str:
    return f"{user_prefix(email)}idempotency/{hashlib.sha256(key.encode()).hexdigest()}"
