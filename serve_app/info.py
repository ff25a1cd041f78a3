"""What this server is and takes: version, engines, limits, formats, features."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.file_type import MEDIA_TYPES
from cluster.options import ALLOWED, DPI_RANGE, MODES, PRIORITIES, JobOptions
from cluster.settings import Settings
from serve_app.engine_settings import engine_limits, engine_names
from serve_app.figures import Figures
from serve_app.key_claim import MAX_LENGTH
from serve_app.query import MAX_LIMIT, MAX_WAIT_S
from serve_app.routes.results import ARCHIVE
from serve_app.routes.results import MEDIA_TYPES as RESULT_MEDIA_TYPES
from serve_app.uploads import MEGABYTE

FEATURES = (
    *("idempotency", "long_polling", "page_results", "retry", "delete"),
    *("events", "resumable_uploads", "json_sources", "webhooks"),
)
"""What clients may rely on that an earlier version did not have, by name."""


@dataclass(frozen=True, slots=True)
class Replicas:
    """running: that answered just now. least, most: between which the pool is kept."""

    running: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """version: null while no replica has told it. batch_pages: most pages of one batch."""

    name: str
    default: bool
    version: str | None
    batch_pages: int
    replicas: Replicas


@dataclass(frozen=True, slots=True)
class Limits:
    """upload_bytes: of a document; direct_upload_bytes: of one that comes in a single request. upload_budget_bytes: in
    flight over all uploads of one replica. pages: of a document. page_megapixels: page images are scaled down to it."""

    upload_bytes: int
    direct_upload_bytes: int
    upload_budget_bytes: int
    pages: int
    page_megapixels: float
    dpi_least: int
    dpi_most: int
    dpi_default: int
    wait_seconds: float
    list_jobs: int
    idempotency_key_characters: int


@dataclass(frozen=True, slots=True)
class Info:
    """media_types: of documents. formats: of results. options: that a submission may carry. dashboard: Ray's, as
    browsers reach it; null where they can't, or none is known."""

    version: str
    engines: tuple[EngineInfo, ...]
    limits: Limits
    media_types: tuple[str, ...]
    formats: tuple[str, ...]
    modes: tuple[str, ...]
    priorities: tuple[str, ...]
    options: tuple[str, ...]
    features: tuple[str, ...]
    missing: tuple[str, ...]
    dashboard: str | None


def server_info(settings: Settings, version: str, figures: Figures) -> Info:
    """figures: of the cluster as it is now."""
    return Info(
        version=version,
        engines=tuple(_engine(name, settings, figures) for name in engine_names(settings)),
        limits=_limits(settings),
        media_types=tuple(MEDIA_TYPES.values()),
        formats=tuple(name for name in RESULT_MEDIA_TYPES if name == ARCHIVE or name in settings.format_names),
        modes=MODES,
        priorities=PRIORITIES,
        options=ALLOWED,
        features=FEATURES,
        missing=figures.missing,
        dashboard=settings.dashboard_url or None,
    )


def _engine(name: str, settings: Settings, figures: Figures) -> EngineInfo:
    running = [replica for replica in figures.replicas if replica.engine == name]
    least, most = settings.ocr_range
    return EngineInfo(
        name=name,
        default=name == engine_names(settings)[0],
        version=running[0].engine_version if running else None,
        batch_pages=running[0].batch_pages if running else engine_limits(name, settings).pages,
        replicas=Replicas(len(running), least, most),
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        upload_bytes=settings.max_upload_mb * MEGABYTE,
        direct_upload_bytes=settings.most_in_a_request_mb * MEGABYTE,
        upload_budget_bytes=settings.upload_budget_mb * MEGABYTE,
        pages=settings.max_pages,
        page_megapixels=settings.max_page_megapixels,
        dpi_least=DPI_RANGE[0],
        dpi_most=DPI_RANGE[1],
        dpi_default=JobOptions().dpi,
        wait_seconds=MAX_WAIT_S,
        list_jobs=MAX_LIMIT,
        idempotency_key_characters=MAX_LENGTH,
    )
