"""Buckets and the objects in them: generations, preconditions, listing. Not thread-safe: the double holds one lock.

expected: the live generation that a precondition asks for, 0 where there must be none, None where any will do.
"""

from __future__ import annotations

import base64
import time
from bisect import bisect_left, insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import google_crc32c

from tests.cloud_storage.exchange import Refusal, bad_request

MOST_LISTED = 1000
"""Entries of one page of a list."""


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def not_found(bucket: str, name: str) -> Refusal:
    return Refusal(404, "notFound", f"No such object: {bucket}/{name}")


def check_generation(standing: int, expected: int | None) -> None:
    """Refusal 412 unless the live generation is the expected one (0: there is none; None: any is right)."""
    if expected is not None and expected != standing:
        raise Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")


@dataclass(frozen=True, slots=True)
class Content:
    """What an upload brings."""

    data: bytes
    content_type: str = "application/octet-stream"
    content_encoding: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CloudObject:
    """One version. crc32c: of its content."""

    bucket: str
    name: str
    generation: int
    content: Content
    crc32c: str
    created: str

    def resource(self) -> dict[str, Any]:
        """As the API shows it."""
        shown: dict[str, Any] = {
            "kind": "storage#object",
            "id": f"{self.bucket}/{self.name}/{self.generation}",
            "name": self.name,
            "bucket": self.bucket,
            "generation": str(self.generation),
            "metageneration": "1",
            "contentType": self.content.content_type,
            "storageClass": "STANDARD",
            "size": str(len(self.content.data)),
            "crc32c": self.crc32c,
            "etag": str(self.generation),
            "timeCreated": self.created,
            "updated": self.created,
        }
        if self.content.content_encoding:
            shown["contentEncoding"] = self.content.content_encoding
        if self.content.metadata:
            shown["metadata"] = dict(self.content.metadata)
        return shown


class Generations:
    """Numbers like those of the real one: microseconds of the day they are given, strictly rising."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        self._last = max(time.time_ns() // 1000, self._last + 1)
        return self._last


class Bucket:
    """The live objects. allow_write(bucket/name) is asked once a write's precondition holds, and may refuse it."""

    def __init__(self, name: str, generations: Generations, allow_write: Callable[[str], None]) -> None:
        self.name = name
        self._generations = generations
        self._allow_write = allow_write
        self._objects: dict[str, CloudObject] = {}
        self._names: list[str] = []

    def put(self, name: str, content: Content, expected: int | None) -> CloudObject:
        check_object_name(name)
        self.check(name, expected)
        self._allow_write(f"{self.name}/{name}")
        if name not in self._objects:
            insort(self._names, name)
        created = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        stored = CloudObject(self.name, name, self._generations.next(), content, crc32c(content.data), created)
        self._objects[name] = stored
        return stored

    def get(self, name: str, generation: int | None, expected: int | None) -> CloudObject:
        standing = self._objects.get(name)
        if standing is None or generation not in (None, standing.generation):
            raise not_found(self.name, name)
        check_generation(standing.generation, expected)
        return standing

    def delete(self, name: str, generation: int | None, expected: int | None) -> CloudObject:
        standing = self.get(name, generation, expected)
        self._allow_write(f"{self.name}/{name}")
        del self._objects[name]
        del self._names[bisect_left(self._names, name)]
        return standing

    def check(self, name: str, expected: int | None) -> None:
        """Refusal 412 unless what stands there now is the expected generation."""
        standing = self._objects.get(name)
        check_generation(standing.generation if standing else 0, expected)

    def list(self, prefix: str, start: str, most: int) -> tuple[list[CloudObject], str | None]:
        """Up to ``most`` objects (1,000 at most) from ``start`` on, and the name that the next page begins with."""
        begin = bisect_left(self._names, max(prefix, start))
        most = min(most, MOST_LISTED)
        page: list[CloudObject] = []
        for name in self._names[begin : begin + most + 1]:
            if not name.startswith(prefix):
                break
            if len(page) == most:
                return page, name
            page.append(self._objects[name])
        return page, None


def check_object_name(name: str) -> None:
    """Refusal 400 for what the real one does not take as a name."""
    if not 0 < len(name.encode()) <= 1024 or name in (".", "..") or "\r" in name or "\n" in name or "\0" in name:
        raise bad_request(f"Invalid object name: {name!r}")
