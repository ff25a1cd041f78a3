"""The way from the HTTP side to the JobHosts. serve_app/ray_gateway.py has the real one; tests a fake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from actors.render.protocol import RenderAnswer, RenderRequest
from serve_app.figures import Figures


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as last stored: the bytes of processing.json and what they stand for.

    etag: the quoted epoch and revision. terminal: nothing more will change without a new order. ahead: pages whose
    result is stored, of which the record does not tell yet.
    """

    data: bytes
    etag: str
    terminal: bool
    ahead: tuple[int, ...] = ()


class Gateway(Protocol):
    """Calls to the host of a job's slot, and to the Renderers. None of them is cancelled by a client's disconnect.

    A host that can't be reached is never an error here: ``status`` and ``watch`` answer None, ``adopt`` and ``notify``
    return (the marker stands; a sweep finds it).
    """

    async def adopt(self, job_id: str) -> None:
        """A new marker stands: claim the job."""

    async def notify(self, job_id: str) -> None:
        """The job's marker was replaced by an order: act on it."""

    async def status(self, job_id: str) -> StoredRecord | None:
        """The record as the owning host last stored it; None where the host has none (read the store then)."""

    async def watch(
        self, job_id: str, etag: str, timeout_s: float, *, until_end: bool = False, ahead: int | None = None
    ) -> StoredRecord | None:
        """As ``status``, once the record's etag differs from ``etag``, or after ``timeout_s`` in any case.

        until_end: only once it is terminal as well. ahead: also once there are more pages ahead than so many.
        Where the etag is still the same, the answer's data may be empty.
        """

    async def unfinished(self) -> int | None:
        """Jobs that the hosts know and that have not ended; None where no host answers."""

    async def missing(self) -> list[str]:
        """What keeps the cluster from serving, a line each; empty when it is ready (blob store not included)."""

    async def figures(self) -> Figures:
        """The figures of hosts and OCR replicas, those who answer within a few seconds."""

    async def render_image(self, request: RenderRequest, timeout_s: float) -> RenderAnswer | None:
        """Has a page drawn and its image stored; None where no Renderer did so within ``timeout_s``.

        A write may land after that, for as long as ``request.wait_s`` and the Renderer's limits say.
        """
