"""Demand: how many pages wait for each pool, those that a host holds back counted with those in flight.

Pure. A pool is scaled by the pages that will come to it, and not by the calls that have: a host lets only so many pages
go at once, a call carries several, and a document that was just opened has all of its pages still to come.

A page that is not drawn yet counts for the engine as far as pages of its job are read by one at all: a born-digital
book, whose embedded text is taken, must not start a GPU. For the Renderers it counts as far as pages in flight are with
them: where they wait for the engine, more Renderers would only draw more pages ahead of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from actors.job.state import JobState, Phase
from cluster.message import message
from cluster.record import EMBEDDED

SAMPLE = 8
"""Pages of a job by which it is judged how many of the others an engine will read."""


@dataclass(frozen=True, slots=True)
class PagesInFlight:
    """Pages of a host in flight. drawing: with the Renderers. arranging: with them again. reading: with each engine."""

    drawing: int = 0
    arranging: int = 0
    reading: Mapping[str, int] = field(default_factory=dict)
    in_flight: int = 0


@message
@dataclass(frozen=True, slots=True)
class Demand:
    """Pages that each pool has before it. render: the Renderers. reads: the engines. Not whole numbers, as expected."""

    render: float = 0.0
    reads: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: Demand) -> Demand:
        engines = {*self.reads, *other.reads}
        reads = {engine: self.reads.get(engine, 0.0) + other.reads.get(engine, 0.0) for engine in engines}
        return Demand(self.render + other.render, reads)


def demand_of(states: Iterable[JobState], flow: PagesInFlight) -> Demand:
    """Of one host. states: of its jobs. A document to open, or outputs to assemble, are a page for the Renderers."""
    ahead, documents = 0, 0
    reads: defaultdict[str, float] = defaultdict(float)
    for state in states:
        documents += state.phase in (Phase.OPENING, Phase.ASSEMBLING)
        pages = pages_ahead(state)
        if pages:
            ahead += pages
            if state.engines:
                reads[state.engines[0]] += pages * read_share(state)
    for engine, pages in flow.reading.items():
        reads[engine] += pages
    held = max(0, ahead - flow.drawing)
    share = min(1.0, flow.drawing / flow.in_flight) if flow.in_flight else 0.0
    return Demand(flow.drawing + flow.arranging + documents + held * share, dict(reads))


def pages_ahead(state: JobState) -> int:
    """Pages of the job that are not drawn yet."""
    if state.phase is not Phase.READING or state.cancelled:
        return 0
    return len(state.job.pages) - state.extracted


def read_share(state: JobState) -> float:
    """How many of the job's pages an engine reads, 0 to 1, as those just before the ones in flight tell."""
    mode = state.job.options.get("mode", "auto")
    if mode != "auto":
        return float(mode == "ocr")
    start = max(0, state.cursor - state.policy.window - SAMPLE)
    pages = [state.job.pages[number] for number in state.todo[start : start + SAMPLE]]
    known = [page for page in pages if page.source == EMBEDDED or page.processing_started_at is not None]
    return sum(page.source != EMBEDDED for page in known) / len(known) if known else 0.0
