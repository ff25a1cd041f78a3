"""What a JobHost needs of the world outside: the pools, and the one way in which they are lost."""

from __future__ import annotations

from actors.ocr.protocol import OcrPool
from actors.render.protocol import RenderPool
from cluster.errors import GnosisError

__all__ = ["OcrPool", "RenderPool", "ReplicaLost"]


class ReplicaLost(GnosisError):
    """The replica that had this call died, or can't be reached.

    announced: its node was being preempted, so the pages are not to blame.
    """

    def __init__(self, detail: str | None = None, *, announced: bool = False) -> None:
        super().__init__(detail)
        self.announced = announced
