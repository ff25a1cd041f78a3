"""Figures as a cluster might tell them."""

from __future__ import annotations

from dataclasses import replace

from serve_app.figures import HostFigures, RendererFigures, ReplicaFigures

HOST = HostFigures(
    host=0,
    jobs=3,
    jobs_waiting=1,
    jobs_lingering=0,
    jobs_fenced=0,
    jobs_completed=10,
    jobs_partial=1,
    jobs_failed=2,
    jobs_cancelled=4,
    pages_waiting=20,
    pages_in_flight=8,
    pages_completed=500,
    pages_failed=5,
    pages_a_minute=60,
    callbacks_due=0,
    callbacks_delivered=3,
    callbacks_failed=1,
    callbacks_given_up=0,
    memory_mb=80.5,
)
HOSTS = (HOST, replace(HOST, host=1, jobs=2, pages_waiting=1, pages_a_minute=30))

REPLICA = ReplicaFigures(
    engine="rapidocr",
    engine_version="3.10",
    pages=90,
    batches=10,
    batch_fill=0.9,
    batch_pages=10,
    pages_waiting=4,
    retiring=False,
    memory_mb=400.0,
)
REPLICAS = (REPLICA, replace(REPLICA, pages=30, batches=30, batch_fill=0.1, pages_waiting=2))

RENDERERS = (RendererFigures(processes=3, memory_mb=300.25), RendererFigures(processes=2, memory_mb=200.0))
