"""A job's record as others see it: never anything but what is stored."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.message import message
from cluster.record import JobRecord, JobStatus, Tombstone


@message
@dataclass(frozen=True, slots=True)
class Shown:
    """The record as last stored. data: the bytes of processing.json. terminal: nothing comes without a new order.

    Of a version that whoever watches knows already, data is empty. ahead: the pages whose result is stored, of which
    the record does not tell yet; they are in ``data`` as unfinished.
    """

    data: bytes
    etag: str
    terminal: bool
    ahead: tuple[int, ...] = ()


def shown(record: JobRecord | Tombstone, etag: str, data: bytes) -> Shown:
    """Of a job that is being deleted nothing more is to be seen, so it is as good as ended."""
    ended = isinstance(record, Tombstone) or record.terminal or record.status is JobStatus.DELETING
    return Shown(data, etag, ended)
