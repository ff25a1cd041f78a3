"""Puts the HTTP side together: one Starlette app over a blob store and a gateway to the hosts."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from cluster.blobs.port import BlobStore
from cluster.clock import Clock
from cluster.meter import Meter
from cluster.metrics import UPLOAD_BYTES
from cluster.settings import Settings
from serve_app.admission import Admissions
from serve_app.background import Background
from serve_app.backlog import Backlog
from serve_app.cached_figures import CachedFigures
from serve_app.cross_origin import cross_origin
from serve_app.doorkeeper import Doorkeeper
from serve_app.engine_settings import engine_names, readable_languages
from serve_app.gateway import Gateway
from serve_app.identity import Identities, OpenIdentities
from serve_app.job_events import JobEvents
from serve_app.json_sources import JsonSources
from serve_app.key_identities import KeyIdentities
from serve_app.listing import Listing
from serve_app.memory_return import MemoryReturn
from serve_app.orders import Orders
from serve_app.page_images import PageImages
from serve_app.page_texts import PageTexts
from serve_app.pages import Pages
from serve_app.problems import Problems, http_problem
from serve_app.readiness import Readiness
from serve_app.records import Records
from serve_app.request_ids import RequestIds
from serve_app.request_meter import RequestMeter
from serve_app.request_rates import RequestRates
from serve_app.resumable_uploads import ResumableUploads
from serve_app.routes.about import AboutRoutes
from serve_app.routes.description import DescriptionRoutes
from serve_app.routes.events import EventRoutes
from serve_app.routes.health import HealthRoutes
from serve_app.routes.jobs import JobRoutes
from serve_app.routes.pages import PageRoutes
from serve_app.routes.results import ResultRoutes
from serve_app.routes.uploads import UploadRoutes
from serve_app.routes.web_page import WebPageRoutes
from serve_app.submission import Submissions
from serve_app.tus_headers import MethodOverride, TusHeaders
from serve_app.upload_budget import UploadBudget
from serve_app.uploads import MEGABYTE, Uploads
from serve_app.usage import NoUsage, Usage


def create_app(
    *,
    store: BlobStore,
    gateway: Gateway,
    settings: Settings,
    clock: Clock,
    version: str,
    usage: Usage | None = None,
    meter: Meter | None = None,
) -> Starlette:
    """The app holds no state that matters: any number of them may serve the same store.

    usage: what limits of API keys are counted by; without one only those that need no counting hold. meter: the app's.
    """
    meter = meter or Meter(clock)
    identities = _identities(settings, clock)
    background = Background()
    records = Records(store, gateway, clock)
    budget = _upload_budget(settings, meter)
    engines = engine_names(settings)
    readable = readable_languages(settings)
    uploads = Uploads(store, budget, settings.most_in_a_request_mb, engines, settings.callback_terms, readable)
    resumable = ResumableUploads(store, budget, background, clock, settings.max_upload_mb)
    admissions = Admissions(usage or NoUsage(), background)
    submissions = Submissions(
        store=store,
        gateway=gateway,
        records=records,
        uploads=uploads,
        sources=JsonSources(store, budget, resumable),
        background=background,
        clock=clock,
        engines=engines,
        admissions=admissions,
        backlog=Backlog(gateway, background, clock, settings.max_unfinished_jobs),
        callbacks=settings.callback_terms,
        readable=readable,
        meter=meter,
    )
    orders = Orders(
        store=store, gateway=gateway, records=records, background=background, clock=clock, admissions=admissions
    )
    listing = Listing(store, records, clock)
    jobs = JobRoutes(identities=identities, submissions=submissions, records=records, orders=orders, listing=listing)
    pages = PageRoutes(identities=identities, pages=_pages(store, gateway, records, background, settings), store=store)
    results = ResultRoutes(identities=identities, records=records, store=store)
    events = EventRoutes(identities=identities, events=_job_events(store, records, clock, background))
    tus = UploadRoutes(identities=identities, uploads=resumable)
    figures = CachedFigures(gateway, clock, background)
    about = AboutRoutes(settings=settings, version=version, figures=figures, budget=budget)
    health = HealthRoutes(Readiness(store, gateway), version)
    parts = (jobs, events, pages, results, tus, health, about, DescriptionRoutes(engines, version), WebPageRoutes())
    app = Starlette(
        routes=[route for part in parts for route in part.routes()],
        middleware=_middleware(settings, identities, clock, meter),
        exception_handlers={HTTPException: http_problem},
    )
    # A redirect would make clients send a whole upload twice.
    app.router.redirect_slashes = False
    return app


def _upload_budget(settings: Settings, meter: Meter) -> UploadBudget:
    budget = UploadBudget(settings.upload_budget_mb * MEGABYTE)
    meter.sample(lambda: meter.set(UPLOAD_BYTES, budget.reserved))
    return budget


def _pages(store: BlobStore, gateway: Gateway, records: Records, background: Background, settings: Settings) -> Pages:
    images = PageImages(
        store=store,
        gateway=gateway,
        records=records,
        background=background,
        max_pages=settings.max_pages,
        max_megapixels=settings.max_page_megapixels,
    )
    return Pages(store, records, images)


def _job_events(store: BlobStore, records: Records, clock: Clock, background: Background) -> JobEvents:
    return JobEvents(records, PageTexts(store), clock, MemoryReturn(clock, background))


def _identities(settings: Settings, clock: Clock) -> Identities:
    if settings.api_keys_file is None:
        return OpenIdentities()
    return KeyIdentities(settings.api_keys_file, clock)


def _middleware(settings: Settings, identities: Identities, clock: Clock, meter: Meter) -> list[Middleware]:
    """From the outermost in."""
    rates = RequestRates(clock, settings.ingress_replicas)
    return [
        Middleware(RequestIds),
        Middleware(RequestMeter, meter=meter, clock=clock),
        *cross_origin(settings.origins),
        Middleware(TusHeaders),
        Middleware(Problems),
        Middleware(MethodOverride),
        Middleware(Doorkeeper, identities=identities, rates=rates, most_open=settings.max_open_requests),
    ]
