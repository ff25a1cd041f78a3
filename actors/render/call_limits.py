"""How long a call to a Renderer may wait and work, and so how long it may still write after its caller has gone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Seconds, on the replica's own clock.

    wait_s: from a call's arrival to the drawing of its last page; the replica takes many calls at once and draws one
    page at a time, so a call may wait there long after its caller died; likewise for arranging. draw_s: of one page,
    open_s of a document, and arrange_s of a page's lines, once its turn has come. store_s: of a page image.
    assemble_s: of all outputs of a job, from the call's arrival; fetch_s: of a document that lies elsewhere, likewise.
    landing_s: a write that was given up may still be on its way to the blob store for so long.
    """

    wait_s: float = 300
    open_s: float = 60
    draw_s: float = 60
    arrange_s: float = 20
    fetch_s: float = 480
    store_s: float = 120
    assemble_s: float = 480
    landing_s: float = 120

    @property
    def storing_begins_s(self) -> float:
        """From a call's arrival: the latest at which a page image that was drawn for it begins to be stored."""
        return self.wait_s + self.draw_s

    @property
    def writes_s(self) -> float:
        """From a call's arrival: after so long it writes nothing more, and nothing that it wrote lands any more."""
        return max(self.storing_begins_s + self.store_s, self.assemble_s, self.fetch_s) + self.landing_s
