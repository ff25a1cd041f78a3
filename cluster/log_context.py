"""What log lines say of the work they are about: job, page, epoch, request. Bound once, where the work begins.

A task that is created inherits it. One that must run in an empty context, so that no cancellation reaches it, is given
``fresh_context``, which has this and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import Context, ContextVar, Token
from types import MappingProxyType

from cluster.origin import Origin

Fields = Mapping[str, str | int]

NOTHING: Fields = MappingProxyType({})
_bound: ContextVar[Fields] = ContextVar("gnosis_log_fields", default=NOTHING)


def bound() -> Fields:
    """What is bound here."""
    return _bound.get()


class _Binding:
    """Not a generator's context manager, which takes several times as long: every request passes one."""

    __slots__ = ("_fields", "_token")
    _token: Token[Fields]

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def __enter__(self) -> None:
        self._token = _bound.set(_with(self._fields))

    def __exit__(self, *raised: object) -> None:
        _bound.reset(self._token)


def logged_as(**fields: str | int) -> AbstractContextManager[None]:
    """Lines of the block say this too; what is empty or 0 is left out."""
    return _Binding(fields)


def logged_further(**fields: str | int) -> None:
    """The rest of the innermost block of ``logged_as`` says this too: what is learnt on the way."""
    _bound.set(_with(fields))


def logged_about(job_id: str, origin: Origin, page: int = 0) -> AbstractContextManager[None]:
    """Lines of the block are about this job, and this page of it."""
    return logged_as(job=job_id, page=page, epoch=origin.epoch, request=origin.request_id)


def fresh_context(**fields: str | int) -> Context:
    """An empty context, but for what is bound here and these fields."""
    context = Context()
    context.run(_bound.set, _with(fields))
    return context


def _with(fields: Fields) -> Fields:
    told = {name: value for name, value in fields.items() if value}
    held = _bound.get()
    return {**held, **told} if held else told
