"""The cluster's figures in short: what waits, what is done, how full batches are, what failed, memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serve_app.figures import Figures, HostFigures, RendererFigures, ReplicaFigures


@dataclass(frozen=True, slots=True)
class Queue:
    """jobs_live: claimed and not ended. jobs_waiting: found, but not claimed yet. Pages over all pools."""

    jobs_live: int
    jobs_waiting: int
    pages_waiting: int
    pages_in_flight: int


@dataclass(frozen=True, slots=True)
class Done:
    """Since the start of each host; pages_a_minute: pages completed within the last minute."""

    pages_a_minute: int
    pages_completed: int
    pages_failed: int
    jobs_completed: int
    jobs_partial: int
    jobs_failed: int
    jobs_cancelled: int


@dataclass(frozen=True, slots=True)
class PoolSummary:
    """The replicas of one engine that answered. batch_fill: null before the first batch."""

    engine: str
    replicas: int
    pages_waiting: int
    pages: int
    batches: int
    batch_fill: float | None


@dataclass(frozen=True, slots=True)
class IngressFigures:
    """The replica that answers. memory_mb: its process's own. upload_bytes: reserved for uploads under way."""

    memory_mb: float
    upload_bytes: int


@dataclass(frozen=True, slots=True)
class KindMemory:
    """What all processes of one kind take that answered, in megabytes; of Ingress replicas that is one."""

    kind: str
    processes: int
    memory_mb: float


@dataclass(frozen=True, slots=True)
class MetricsSummary:
    """missing: who did not answer in time; the sums are then of the others."""

    queue: Queue
    done: Done
    pools: tuple[PoolSummary, ...]
    hosts: tuple[HostFigures, ...]
    replicas: tuple[ReplicaFigures, ...]
    renderers: tuple[RendererFigures, ...]
    memory: tuple[KindMemory, ...]
    ingress: IngressFigures
    missing: tuple[str, ...]


def summarize(figures: Figures, engines: Sequence[str], ingress: IngressFigures) -> MetricsSummary:
    """engines: those that there are pools of."""
    hosts = figures.hosts
    return MetricsSummary(
        queue=Queue(
            jobs_live=sum(host.jobs for host in hosts),
            jobs_waiting=sum(host.jobs_waiting for host in hosts),
            pages_waiting=sum(host.pages_waiting for host in hosts),
            pages_in_flight=sum(host.pages_in_flight for host in hosts),
        ),
        done=Done(
            pages_a_minute=sum(host.pages_a_minute for host in hosts),
            pages_completed=sum(host.pages_completed for host in hosts),
            pages_failed=sum(host.pages_failed for host in hosts),
            jobs_completed=sum(host.jobs_completed for host in hosts),
            jobs_partial=sum(host.jobs_partial for host in hosts),
            jobs_failed=sum(host.jobs_failed for host in hosts),
            jobs_cancelled=sum(host.jobs_cancelled for host in hosts),
        ),
        pools=tuple(_pool(engine, [one for one in figures.replicas if one.engine == engine]) for engine in engines),
        hosts=hosts,
        replicas=figures.replicas,
        renderers=figures.renderers,
        memory=_memory(figures, ingress),
        ingress=ingress,
        missing=figures.missing,
    )


def _memory(figures: Figures, ingress: IngressFigures) -> tuple[KindMemory, ...]:
    taken = {
        "Ingress": [(1, ingress.memory_mb)],
        "JobHost": [(1, host.memory_mb) for host in figures.hosts],
        "Renderer": [(renderer.processes, renderer.memory_mb) for renderer in figures.renderers],
        "OCRActor": [(1, replica.memory_mb) for replica in figures.replicas],
    }
    return tuple(
        KindMemory(kind, sum(count for count, _ in each), round(sum(memory for _, memory in each), 1))
        for kind, each in taken.items()
    )


def _pool(engine: str, replicas: Sequence[ReplicaFigures]) -> PoolSummary:
    batches = sum(replica.batches for replica in replicas)
    fill = sum(replica.batch_fill * replica.batches for replica in replicas) / batches if batches else None
    return PoolSummary(
        engine=engine,
        replicas=len(replicas),
        pages_waiting=sum(replica.pages_waiting for replica in replicas),
        pages=sum(replica.pages for replica in replicas),
        batches=batches,
        batch_fill=fill,
    )
