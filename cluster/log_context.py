"""What log lines say of the work they are about: job, page, epoch, request. Bound once, where the work begins.

A task that is created inherits it. One that must run in an empty context, so that no cancellation reaches it, is given
``fresh_context``, which has this and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import Context, ContextVar
from types import MappingProxyType

from cluster.origin import Origin

Fields = Mapping[str, str | int]

NOTHING: Fields = MappingProxyType({})
_bound: ContextVar[Fields] = ContextVar("gnosis_log_fields", default=NOTHING)


def bound() -> Fields:
    """What is bound here."""
    return _bound.get()


@contextmanager
def logged_as(**fields: str | int) -> Iterator[None]:
    """Lines of the block say this too; what is empty or 0 is left out."""
    token = _bound.set({**_bound.get(), **{name: value for name, value in fields.items() if value}})
    try:
        yield
    finally:
        _bound.reset(token)


@contextmanager
def logged_about(job_id: str, origin: Origin, page: int = 0) -> Iterator[None]:
    """Lines of the block are about this job, and this page of it."""
    with logged_as(job=job_id, page=page, epoch=origin.epoch, request=origin.request_id):
        yield


def fresh_context(**fields: str | int) -> Context:
    """An empty context, but for what is bound here and these fields."""
    context = Context()
    context.run(_bound.set, {**_bound.get(), **{name: value for name, value in fields.items() if value}})
    return context
