"""What a JobActor asks of the OCR pool, and what it gets back. Plain data that crosses processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from cluster.errors import PageError
from cluster.message import message
from cluster.origin import UNKNOWN, Origin
from cluster.page_text import PageText


@message
@dataclass(frozen=True, slots=True)
class RecognizeRequest:
    """One page. image: blob name of the page image. width, height: its pixels.

    pixels: an opaque reference to the uint8 array (height, width, 3), RGB, or None (read ``image`` then).
    alone: in a batch of its own, since it may have ended a replica. rank: pages of a lower one are read first.
    languages: what the document is written in, as its user says, ``de`` or ``zh-hant``; empty where nothing was said.
    """

    job_id: str
    page: int
    image: str
    width: int
    height: int
    pixels: Any = None
    alone: bool = False
    rank: int = 0
    languages: tuple[str, ...] = ()
    origin: Origin = UNKNOWN


class OcrPool(Protocol):
    """The OCRActors, as a JobHost sees them. Lost replicas raise ReplicaLost (actors/job/ports.py)."""

    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]: ...
