"""Where a blob store on Cloud Storage lies: ``gs://BUCKET/PREFIX``, the prefix optional."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cluster.blobs.names import check_name
from cluster.errors import StartupError

MAX_PREFIX_BYTES = 512
"""So that every name of ours fits behind it into the 1,024 bytes of an object's name."""

_SCHEME = "gs://"
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,220}[a-z0-9])")
_MAX_LABEL = 63


@dataclass(frozen=True, slots=True)
class GoogleAddress:
    """prefix: what every object's name begins with, empty or ending with ``/``."""

    bucket: str
    prefix: str


def parse_address(url: str) -> GoogleAddress:
    """StartupError says what is wrong with the URL."""
    bucket, _, prefix = url.removeprefix(_SCHEME).partition("/")
    prefix = prefix.rstrip("/")
    if not url.startswith(_SCHEME) or not bucket:
        raise StartupError("that names no bucket: it must be gs://BUCKET or gs://BUCKET/PREFIX.")
    if "?" in url or "#" in url:
        raise StartupError("that has a query or a fragment: it must be gs://BUCKET or gs://BUCKET/PREFIX.")
    if not _BUCKET.fullmatch(bucket) or any(len(label) > _MAX_LABEL for label in bucket.split(".")):
        raise StartupError(
            f"no bucket can be called {bucket!r}: the name has 3 or more lower-case letters, digits, '-', '_' and '.', "
            "with a letter or digit at both ends."
        )
    try:
        if prefix:
            check_name(prefix)
    except ValueError as error:
        raise StartupError(f"its prefix can't be used: {error}.") from error
    if len(prefix.encode()) > MAX_PREFIX_BYTES:
        raise StartupError(f"its prefix has more than {MAX_PREFIX_BYTES} bytes.")
    return GoogleAddress(bucket, f"{prefix}/" if prefix else "")
