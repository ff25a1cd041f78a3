"""Traces by OpenTelemetry: one trace a job, from the request that submits it to the engine that reads its pages.

Off unless OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names a collector; OTEL_SERVICE_NAME,
OTEL_RESOURCE_ATTRIBUTES, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS and OTEL_SDK_DISABLED are honoured as
OpenTelemetry does. What leads from one process to the next is the ``traceparent`` of W3C, in the marker and in every
order to a replica (origin.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from cluster.origin import Origin

SERVICE = "gnosis-ocr"
SWITCHES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_provider: Any = None


def start_tracing(role: str) -> None:
    """Has this process's spans sent to the collector, if one is named. role: Ingress, JobHost, Renderer, OCRActor.

    Safe to call again.
    """
    global _provider
    wanted = any(os.environ.get(name) for name in SWITCHES) and os.environ.get("OTEL_TRACES_EXPORTER") != "none"
    if _provider is not None or not wanted:
        return
    # Imported only where it is used: it takes a fifth of a second.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    service = OTELResourceDetector().detect().attributes.get(SERVICE_NAME, SERVICE)
    _provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service, "gnosis.role": role}))
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))


def stop_tracing() -> None:
    """Sends what is left; spans go nowhere from now on."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
    _provider = None


@contextmanager
def job_begun(traceparent: str) -> Iterator[str]:
    """The span in which a job is submitted. traceparent: the client's, empty where there is none.

    Gives the traceparent of what follows; empty where tracing is off.
    """
    if _provider is None:
        yield ""
        return
    with _opened("submit job", traceparent, {}) as told:
        yield told


@contextmanager
def work_traced(name: str, job_id: str, origin: Origin, page: int = 0) -> Iterator[Origin]:
    """A span of work on a job; the origin for what is ordered in it. Without a trace to belong to there is none."""
    if _provider is None or not origin.trace:
        yield origin
        return
    attributes: dict[str, str | int] = {"gnosis.job": job_id, "gnosis.epoch": origin.epoch}
    if page:
        attributes["gnosis.page"] = page
    with _opened(name, origin.trace, attributes) as told:
        yield replace(origin, trace=told)


@contextmanager
def _opened(name: str, parent: str, attributes: dict[str, str | int]) -> Iterator[str]:
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    propagator = TraceContextTextMapPropagator()
    context = propagator.extract({"traceparent": parent}, Context())
    with _provider.get_tracer(SERVICE).start_as_current_span(name, context, attributes=attributes):
        carrier: dict[str, str] = {}
        propagator.inject(carrier)
        yield carrier.get("traceparent", "")
