"""What a JobActor asks of a Renderer, and what it gets back. Plain data that crosses processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from cluster.errors import CallOverdue, DocumentError, GnosisError, PageError
from cluster.message import message
from cluster.origin import UNKNOWN, Origin
from cluster.page_text import PageText
from cluster.record import ErrorInfo, FetchedFile


@message
@dataclass(frozen=True, slots=True)
class DocumentRef:
    """Where a document lies. raw: blob name. max_pages: the limit past which it is refused. size: bytes, if known.

    source_uri: where to fetch it first; None where it lies at ``raw`` already. source_limit: the most bytes that its
    user may have fetched, None where only the server's own limit holds.
    """

    job_id: str
    prefix: str
    raw: str
    file_type: str
    max_pages: int
    password: str | None = field(default=None, repr=False)
    source_uri: str | None = None
    source_limit: int | None = None
    size: int = 0
    origin: Origin = UNKNOWN


@message
@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """fetched: what the job's folder holds now, of a document that was fetched."""

    total_pages: int
    fetched: FetchedFile | None = None


@message
@dataclass(frozen=True, slots=True)
class RenderRequest:
    """One page. dpi: asked dots an inch. max_megapixels: past it the image is scaled down.

    mode, layout: as of a job (cluster/options.py). wait_s: how long the page may wait for its turn, where that is less
    than the Renderer's own limit.
    """

    document: DocumentRef
    page: int
    dpi: int
    max_megapixels: float
    mode: str = "ocr"
    layout: str = "full"
    wait_s: float | None = None


@message
@dataclass(frozen=True, slots=True)
class RenderedPage:
    """A page image that is stored. image: its file under the job's prefix, as the record shows it.

    width, height: pixels; page_width, page_height: points.

    reason: why the page's embedded text is not taken, where that is out of the ordinary.
    pixels: an opaque reference to a uint8 array (height, width, 3), RGB, kept alive for a while; None where there is
    none (read the page image then).
    """

    page: int
    image: str
    width: int
    height: int
    page_width: float
    page_height: float
    dpi: float
    reason: str | None = None
    pixels: Any = None


@message
@dataclass(frozen=True, slots=True)
class TextPage:
    """A page whose embedded text is taken in place of OCR. page_width, page_height, coordinates of read: points.

    image: of a document whose image could not be made later (it needs a password), as for RenderedPage; else None.
    width, height: pixels of the page image, made or not.
    """

    page: int
    page_width: float
    page_height: float
    width: int
    height: int
    read: PageText
    image: str | None = None


@message
@dataclass(frozen=True, slots=True)
class AssembleRequest:
    """Join the stored results of ``pages``. outputs: formats and the blob that each is created as.

    failed: pages that could not be read, with the error; the outputs say so at their place. filename: the client's own.
    total_pages: of the document. document: where it lies, for outputs that show it. dpi: of pages that don't know it.
    """

    job_id: str
    prefix: str
    pages: tuple[int, ...]
    failed: tuple[tuple[int, ErrorInfo], ...]
    outputs: tuple[tuple[str, str], ...]
    filename: str = ""
    total_pages: int = 0
    document: DocumentRef | None = None
    dpi: int = 150


@message
@dataclass(frozen=True, slots=True)
class ArrangeRequest:
    """Put the lines that an engine read into blocks, in reading order. read: coordinates in pixels of the page image.

    image, width, height, pixels: the page image, as for the engine (actors/ocr/protocol.py).
    """

    job_id: str
    page: int
    image: str
    width: int
    height: int
    read: PageText
    pixels: Any = None
    origin: Origin = UNKNOWN


RenderAnswer = RenderedPage | TextPage | PageError | CallOverdue
"""CallOverdue is no failure of the page: who still waits for it asks again, and who has gone does not."""


ArrangeAnswer = PageText | CallOverdue
"""The page's text with blocks; in plain order where the layout model failed, and then its ``reason`` says so."""


class DocumentOpener(Protocol):
    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError: ...


class RenderPool(DocumentOpener, Protocol):
    """The Renderers, as a JobHost sees them. Lost replicas raise ReplicaLost (actors/job/ports.py)."""

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]: ...

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]: ...

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        """The formats that could not be made, and why. Raises where a page's result could not be read."""
