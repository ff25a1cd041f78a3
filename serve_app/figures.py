"""What the cluster tells of itself: figures of its hosts, OCR replicas and Renderers, as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostFigures:
    """A JobHost. Counts of pages and jobs that ended, and of jobs lost to another owner, are since its start.

    jobs_waiting: found but not claimed yet. pages_a_minute: pages completed within the last minute. callbacks_failed:
    attempts. memory_mb: its process's own, in megabytes.
    """

    host: int
    jobs: int
    jobs_waiting: int
    jobs_lingering: int
    jobs_fenced: int
    jobs_completed: int
    jobs_partial: int
    jobs_failed: int
    jobs_cancelled: int
    pages_waiting: int
    pages_in_flight: int
    pages_completed: int
    pages_failed: int
    pages_a_minute: int
    callbacks_due: int
    callbacks_delivered: int
    callbacks_failed: int
    callbacks_given_up: int
    memory_mb: float


@dataclass(frozen=True, slots=True)
class ReplicaFigures:
    """An OCRActor. pages, batches: since its start. batch_fill: pages as a share of what the batches had room for.

    pages_waiting: in no batch yet. batch_pages: most pages of one batch. memory_mb: its process's own, in megabytes.
    """

    engine: str
    engine_version: str
    pages: int
    batches: int
    batch_fill: float
    batch_pages: int
    pages_waiting: int
    retiring: bool
    memory_mb: float


@dataclass(frozen=True, slots=True)
class RendererFigures:
    """A Renderer. processes: it and those that it runs, to draw and to see the layout; memory_mb: theirs together."""

    processes: int
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Figures:
    """missing: who did not answer, or not in time, a line each. Whoever is missing is left out of the rest."""

    hosts: tuple[HostFigures, ...] = ()
    replicas: tuple[ReplicaFigures, ...] = ()
    renderers: tuple[RendererFigures, ...] = ()
    missing: tuple[str, ...] = ()
