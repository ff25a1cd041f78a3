"""A reading order: the options that all documents of a sitting are read with, and the format of their results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Format(StrEnum):
    MD = "md"
    TXT = "txt"
    JSON = "json"
    PDF = "pdf"
    HOCR = "hocr"
    ALTO = "alto"
    ZIP = "zip"

    @property
    def binary(self) -> bool:
        return self in (Format.PDF, Format.ZIP)

    @property
    def extension(self) -> str:
        """Of a file: ``scan.alto.xml``."""
        return {Format.HOCR: "hocr.html", Format.ALTO: "alto.xml"}.get(self, self.value)


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """options: as the HTTP contract names them, without the password, which is neither stored nor compared."""

    options: Mapping[str, Any]
    format: Format
    password: str | None = None

    @property
    def asked(self) -> str:
        """The options in one spelling."""
        return json.dumps(dict(self.options), sort_keys=True, ensure_ascii=False)
