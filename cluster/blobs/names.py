"""What a blob may be called: rules that every implementation keeps, so that a name that works on one works on all."""

from __future__ import annotations

import re

MAX_NAME_BYTES = 1024
"""Cloud Storage's limit."""
MAX_PART_BYTES = 255
"""The limit of a file's name on Linux."""

_FORBIDDEN = re.compile(r"[\0\r\n]")


def check_name(name: str) -> None:
    """ValueError unless ``name`` is one or more parts joined by ``/``.

    A part is not empty, not ``.`` or ``..``, at most 255 bytes of UTF-8, and without NUL or line breaks (which Cloud
    Storage takes in no name); the whole has at most 1,024 bytes.
    The first part does not begin with a dot: there the local store keeps files of its own.
    """
    if len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError(f"blob name {name[:80]!r}… is longer than {MAX_NAME_BYTES} bytes")
    if name.startswith("."):
        raise ValueError(f"blob name {name!r} begins with a dot")
    for part in name.split("/"):
        _check_part(part, name)


def check_prefix(prefix: str) -> None:
    """ValueError unless blobs can lie under ``prefix``: its folders are parts of names; the last part may be cut."""
    folders, _, last = prefix.rpartition("/")
    if folders:
        check_name(folders)
    elif prefix.startswith(("/", ".")):
        raise ValueError(f"no blob's name begins with {prefix!r}")
    if _FORBIDDEN.search(last):
        raise ValueError(f"blob prefix {prefix!r} contains NUL or a line break")


def check_range(start: int, end: int) -> None:
    """ValueError unless ``start`` to ``end`` (exclusive) is a range of bytes."""
    if not 0 <= start <= end:
        raise ValueError(f"{start} to {end} is not a range of bytes")


def check_at_least_one(what: str, value: int) -> None:
    """ValueError where ``value`` is below 1."""
    if value < 1:
        raise ValueError(f"{what} is {value}; it must be at least 1")


def _check_part(part: str, name: str) -> None:
    if part in ("", ".", ".."):
        raise ValueError(f"blob name {name!r} has an empty part, '.' or '..'")
    if _FORBIDDEN.search(part):
        raise ValueError(f"blob name {name!r} contains NUL or a line break")
    if len(part.encode()) > MAX_PART_BYTES:
        raise ValueError(f"blob name {name[:80]!r}… has a part longer than {MAX_PART_BYTES} bytes")
