"""The cluster's figures in short."""

from __future__ import annotations

import pytest

from serve_app.figures import Figures
from serve_app.metrics_summary import Done, IngressFigures, KindMemory, Queue, summarize
from tests.serve_app.figures_example import HOST, HOSTS, RENDERERS, REPLICAS

INGRESS = IngressFigures(50.0, 1000)


def test_sums_over_hosts_and_replicas() -> None:
    summary = summarize(Figures(HOSTS, REPLICAS), ("rapidocr", "null"), INGRESS)
    assert summary.queue == Queue(jobs_live=5, jobs_waiting=2, pages_waiting=21, pages_in_flight=16)
    assert summary.done == Done(
        pages_a_minute=90,
        pages_completed=1000,
        pages_failed=10,
        jobs_completed=20,
        jobs_partial=2,
        jobs_failed=4,
        jobs_cancelled=8,
    )
    read, idle = summary.pools
    assert (read.engine, read.replicas, read.pages_waiting, read.pages, read.batches) == ("rapidocr", 2, 6, 120, 40)
    assert read.batch_fill == pytest.approx(0.3), "a batch counts the same in whichever replica it was"
    assert (idle.engine, idle.replicas, idle.batch_fill) == ("null", 0, None)
    assert summary.ingress == INGRESS


def test_memory_by_kind_of_process() -> None:
    summary = summarize(Figures(HOSTS, REPLICAS, RENDERERS), ("rapidocr",), INGRESS)
    assert summary.memory == (
        KindMemory("Ingress", 1, 50.0),
        KindMemory("JobHost", 2, 161.0),
        KindMemory("Renderer", 5, 500.2),
        KindMemory("OCRActor", 2, 800.0),
    )


def test_who_is_missing_is_named_and_the_rest_is_summed() -> None:
    summary = summarize(Figures((HOST,), missing=("job host 1 does not answer",)), ("rapidocr",), INGRESS)
    assert (summary.queue.jobs_live, summary.missing) == (3, ("job host 1 does not answer",))
