"""What a JobActor needs of its host, made once for all jobs of the host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.job.callback_port import Callbacks
from actors.job.demand import PagesInFlight
from actors.job.grouped_calls import GroupedCalls
from actors.job.host_meter import HostMeter
from actors.job.page_gate import PageGate
from actors.job.ports import RenderPool
from actors.job.state import Policy
from actors.job.tally import Tally
from actors.ocr.protocol import RecognizeRequest
from actors.render.protocol import ArrangeAnswer, ArrangeRequest, RenderAnswer, RenderRequest
from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.errors import PageError
from cluster.meter import Meter
from cluster.page_text import PageText


@dataclass(frozen=True, slots=True)
class Services:
    """reads: calls to each OCR pool, by its engine. chains: for the engine that a job names, or None for the default,
    the pools that its pages are given to, one after the other gave up. max_pages: of a document. max_megapixels: of a
    page image. callbacks: how they are sent. tally: of what ended in this host.
    process_meter: this process's; meter: the host's part of it.
    """

    blobs: BlobStore
    clock: Clock
    pool: RenderPool
    renders: GroupedCalls[RenderRequest, RenderAnswer]
    arranges: GroupedCalls[ArrangeRequest, ArrangeAnswer]
    reads: Mapping[str, GroupedCalls[RecognizeRequest, PageText | PageError]]
    chains: Mapping[str | None, tuple[str, ...]]
    gate: PageGate
    policy: Policy
    max_pages: int
    max_megapixels: float
    callbacks: Callbacks = field(default_factory=Callbacks)
    process_meter: Meter = field(default_factory=Meter)
    tally: Tally = field(init=False)
    meter: HostMeter = field(init=False)

    @property
    def flow(self) -> PagesInFlight:
        """What is in flight now."""
        reading = {engine: calls.unanswered for engine, calls in self.reads.items()}
        return PagesInFlight(self.renders.unanswered, self.arranges.unanswered, reading, self.gate.in_flight)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tally", Tally(self.clock))
        object.__setattr__(self, "meter", HostMeter(self.process_meter, self.clock))
