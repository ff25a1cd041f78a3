"""Where things are stored: the only place that spells blob names.

Names are final: what is stored under them outlives any version of the code. ``user`` is always the user's hash
(cluster/ids.py), which is all that a name tells of a user; ``email`` is the address itself.
"""

from __future__ import annotations

import hashlib
import re

from cluster.ids import slot_of, user_hash

RECORD = "processing.json"
USERS = "users/"
HEARTBEATS = "hosts/"
TOMBSTONES = "tombstones/"
UPLOADS = "uploads/"
RETENTION = "retention/progress"
"""How far the retention's rounds have come."""

_PAGE_IMAGE = re.compile(r"page_(\d{3,})\.png", re.ASCII)
_JOB_PREFIX = re.compile(r"users/([0-9a-f]{32})/jobs/([0-9a-f-]{36})/")


def marker(job_id: str) -> str:
    """The blob that says: this job is accepted and not finished."""
    return f"active/{slot_of(job_id):02d}/{job_id}"


def markers_of_slot(slot: int) -> str:
    return f"active/{slot:02d}/"


def quarantine(job_id: str) -> str:
    return f"quarantine/{job_id}"


def heartbeats_of_host(cluster_id: str, host_name: str) -> str:
    return f"{HEARTBEATS}{cluster_id}/{host_name}/"


def heartbeat(cluster_id: str, host_name: str, incarnation: int) -> str:
    return f"{heartbeats_of_host(cluster_id, host_name)}{incarnation:08d}"


def heartbeat_of_owner(owner: str) -> str:
    """The heartbeat of the host process that an owner (``<cluster>/<host>/<incarnation>/<random>``) lives in."""
    return f"{HEARTBEATS}{owner.rpartition('/')[0]}"


def user_folder(user: str) -> str:
    return f"{USERS}{user}/"


def probe(token: str) -> str:
    """What start-up writes and removes, to see whether it may."""
    return f"probe/{token}"


def user_prefix(email: str) -> str:
    return user_folder(user_hash(email))


def user_of(name: str) -> str:
    """The user whose folder a name lies in."""
    return name.removeprefix(USERS).partition("/")[0]


def after_user(user: str) -> str:
    """The first name that may come after all of the user's."""
    return f"{USERS}{user}0"  # the digit follows the slash


def job_folder(user: str, job_id: str) -> str:
    return f"{user_folder(user)}jobs/{job_id}/"


def job_prefix(email: str, job_id: str) -> str:
    """The folder of everything that belongs to one job."""
    return job_folder(user_hash(email), job_id)


def parts_of_job_prefix(prefix: str) -> tuple[str, str]:
    """The user and the job id of a job's folder; ValueError where ``prefix`` is none: nothing else is ever emptied."""
    match = _JOB_PREFIX.fullmatch(prefix)
    if match is None:
        raise ValueError(f"{prefix!r} is not the folder of a job")
    return match[1], match[2]


def record(prefix: str) -> str:
    return f"{prefix}{RECORD}"


def raw(prefix: str, extension: str) -> str:
    """The upload, never changed; ``extension`` is ours (judged by content), never the client's."""
    return f"{prefix}raw/document.{extension}"


def raw_folder(prefix: str) -> str:
    return f"{prefix}raw/"


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


def page_of_text(prefix: str, name: str) -> int | None:
    """The page that ``name`` is the text file of, or None."""
    return page_of_result(prefix, name.removesuffix(".txt") + ".json") if name.endswith(".txt") else None


def page_of_image(prefix: str, name: str) -> int | None:
    """The page that ``name`` is the image of, or None."""
    match = _PAGE_IMAGE.fullmatch(name.removeprefix(prefix))
    return int(match[1]) if match else None


def pages(prefix: str) -> str:
    """What the names of all that belongs to single pages of a job begin with."""
    return f"{prefix}page_"


def output_file(run: int, epoch: int, extension: str) -> str:
    return f"result-{run}-{epoch}.{extension}"


def output(prefix: str, run: int, epoch: int, extension: str) -> str:
    """An assembled output; only those that the terminal record names are served."""
    return prefix + output_file(run, epoch, extension)


def outputs(prefix: str) -> str:
    """What the names of all outputs of a job begin with."""
    return f"{prefix}result-"


def index_folder(user: str) -> str:
    return f"{user_folder(user)}by-time/"


def index_of_user(email: str) -> str:
    return index_folder(user_hash(email))


def index(email: str, job_id: str) -> str:
    """The job's index entry; its body is the hash of the job's Idempotency-Key, empty where it has none."""
    return index_of_user(email) + job_id


def key_hash(key: str) -> str:
    """SHA-256 hex of a client's Idempotency-Key: what is stored in its place."""
    return hashlib.sha256(key.encode()).hexdigest()


def idempotency_entry(user: str, hashed_key: str) -> str:
    return f"{user_folder(user)}idempotency/{hashed_key}"


def idempotency(email: str, key: str) -> str:
    return idempotency_entry(user_hash(email), key_hash(key))


def tombstone_entry(day: str, prefix: str) -> str:
    """The entry by which retention finds a tombstone: under the day of the deletion, ``2026-01-31``, UTC."""
    return f"{TOMBSTONES}{day}/{'/'.join(parts_of_job_prefix(prefix))}"


def tombstone_of_entry(name: str) -> tuple[str, str]:
    """The day and the job's folder that a tombstone's entry names; ValueError where it names none."""
    day, _, job = name.removeprefix(TOMBSTONES).partition("/")
    user, _, job_id = job.partition("/")
    prefix = job_folder(user, job_id)
    parts_of_job_prefix(prefix)
    return day, prefix


def upload_folder(upload_id: str) -> str:
    """The folder of one resumable upload."""
    return f"{UPLOADS}{upload_id}/"


def upload_info(upload_id: str) -> str:
    """Whose upload it is and how long it will be, written when it is created; without it there is no upload."""
    return f"{upload_folder(upload_id)}info"


def upload_parts(upload_id: str) -> str:
    """What the names of all parts of an upload begin with; their order by name is their order."""
    return f"{upload_folder(upload_id)}part-"


def upload_part(upload_id: str, offset: int) -> str:
    """The part that begins ``offset`` bytes into the upload, created once."""
    return f"{upload_parts(upload_id)}{offset:012d}"


def upload_of(name: str) -> str:
    """The id of the upload whose folder a name lies in."""
    return name.removeprefix(UPLOADS).partition("/")[0]
