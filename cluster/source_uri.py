"""The address of a document in somebody's bucket: ``gs://BUCKET/NAME``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cluster.blobs.names import check_name
from cluster.errors import OptionInvalid

_BUCKET = re.compile(r"[!-.0-~]{1,222}")
_SCHEME = "gs://"


@dataclass(frozen=True, slots=True)
class SourceUri:
    bucket: str
    name: str

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.name}"


def parse_source_uri(text: str) -> SourceUri:
    """OptionInvalid says what is wrong with it. Nothing is decoded: the name is the object's own."""
    bucket, _, name = text.removeprefix(_SCHEME).partition("/")
    if not text.startswith(_SCHEME) or _BUCKET.fullmatch(bucket) is None or not name:
        raise OptionInvalid(f"`source.uri` is `{text[:80]}`; allowed is gs://BUCKET/NAME.")
    try:
        check_name(name)
    except ValueError as error:
        raise OptionInvalid(f"`source.uri` names an object that can't be read here: {str(error)[:200]}.") from None
    return SourceUri(bucket, name)
