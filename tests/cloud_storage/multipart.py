"""Bodies of multipart uploads: the object's properties as JSON, then its content."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.cloud_storage.exchange import bad_request

_BOUNDARY = re.compile(r"multipart/related; *boundary=\"?([^\";]+)\"?")


def parse_multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], str, bytes]:
    """Properties, the content's type, the content. Refusal 400."""
    match = _BOUNDARY.fullmatch(content_type)
    if match is None:
        raise bad_request(f"{content_type!r} is no multipart/related with a boundary.")
    line = b"--" + match[1].encode()
    if not body.startswith(line + b"\r\n") or not body.rstrip(b"\r\n").endswith(b"\r\n" + line + b"--"):
        raise bad_request("Malformed multipart body.")
    properties, _, rest = body.removeprefix(line + b"\r\n").partition(b"\r\n" + line + b"\r\n")
    content = rest[: rest.rindex(b"\r\n" + line + b"--")]
    _, _, json_text = properties.partition(b"\r\n\r\n")
    head, _, data = content.partition(b"\r\n\r\n")
    parsed: dict[str, Any] = json.loads(json_text)
    return parsed, head.decode("latin-1").partition(":")[2].strip(), data
