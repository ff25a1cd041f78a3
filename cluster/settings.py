"""Settings: read once in the composition root, frozen, passed down.

Every one is an environment variable with the prefix ``GNOSIS_`` and a flag of ``gnosis-ocr serve``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cluster.callback_url import CallbackTerms
from cluster.errors import StartupError
from cluster.reach import Reach, parse_networks
from cluster.webhook_signature import WebhookSecret

FORMATS = ("md", "txt", "json", "pdf", "hocr", "alto")
"""Outputs that can be made of a job; the ``zip`` of them is made as it is sent."""


class ReplicaRange(NamedTuple):
    """least and most replicas of a pool."""

    least: int
    most: int


_ENGINE = re.compile(r"[a-z][a-z0-9-]*(:.+)?", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_ORIGIN = re.compile(r"\*|https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?", re.ASCII)
_RESOURCE = re.compile(r"[a-z][a-z0-9_-]{0,62}", re.ASCII)
_REPLICAS = re.compile(r"^(\d{1,4})(?:-(\d{1,4}))?$")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="GNOSIS_", frozen=True, extra="forbid")

    store: str = Field("file://./data", description="blob store: file://PATH, gs://BUCKET/PREFIX or memory://")
    host: str = Field("127.0.0.1", description="where the API listens")
    port: int = Field(8000, ge=1, le=65535, description="where the API listens")
    proxy: Literal["auto", "haproxy", "serve"] = Field(
        "auto", description="front door: haproxy, serve (Serve's own proxy), or auto: haproxy where it is installed"
    )
    dashboard_port: int = Field(8265, ge=1, le=65535, description="Ray's dashboard, when a local cluster is started")
    dashboard_url: str = Field(
        "",
        description="Ray's dashboard as browsers reach it; default: a local one's, if the API is local too",
    )
    engines: str = Field("rapidocr", description="comma-separated engine pools; the first is the default")
    ocr_replicas: str = Field("1", description="replicas of each OCR pool: n or min-max")
    ocr_gpus: float | None = Field(
        None, ge=0, le=8, description="GPUs of each OCR replica; default 1 for a GPU engine where the cluster has one"
    )
    ocr_cpus: float | None = Field(
        None, ge=0.01, le=512, description="CPU cores of each OCR replica; default: all pools share the machine's"
    )
    render_cpus: float | None = Field(
        None, ge=0.01, le=512, description="CPU cores of each Renderer; default: all Renderers share the machine's"
    )
    cpu_nodes: str = Field(
        "", description="resource of the nodes for all but OCR replicas, so that no GPU node is kept; unset = any node"
    )
    fallbacks: str = Field("", description="comma-separated chains a>b: what a can't read is given to b")
    recycle_pages: int | None = Field(None, ge=1, description="an OCR replica is replaced after so many pages")
    recycle_memory_mb: int | None = Field(None, ge=64, description="an OCR replica is replaced above so much memory")
    render_replicas: str = Field("1", description="replicas of the Renderer: n or min-max")
    scale_pages: int | None = Field(
        None, ge=1, description="pages that an OCR replica has before it when one more is wanted; default: two batches"
    )
    scale_up_seconds: float = Field(2, ge=0, le=600, description="how long more replicas are wanted until they start")
    scale_down_seconds: float = Field(60, ge=0, le=86_400, description="how long fewer are wanted until some end")
    job_hosts: int = Field(1, ge=1, le=64, description="how many JobHosts")
    batch_size: int | None = Field(None, ge=1, le=1024, description="most pages of one batch; default by engine")
    batch_wait_ms: int | None = Field(None, ge=0, le=10_000, description="how long a batch waits for more pages")
    cache_folder: str = Field(
        "",
        description="where converted weights, and which runtime was the fastest, are kept; default: the user's cache",
    )
    max_upload_mb: int = Field(500, ge=1, description="largest document")
    max_direct_upload_mb: int = Field(100, ge=1, description="largest document in one request")
    upload_budget_mb: int = Field(1000, ge=1, description="bytes in flight over all uploads of one Ingress replica")
    formats: str = Field(
        ",".join(FORMATS), description="comma-separated outputs that are made of every job when it ends"
    )
    max_pages: int = Field(5000, ge=1, le=99_999, description="most pages of a document")
    max_page_megapixels: float = Field(50, gt=0, le=400, description="page images are scaled down to this")
    api_keys_file: Path | None = Field(None, description="hashed keys; none = open mode, loopback only")
    cors_origins: str = Field("", description="comma-separated origins whose pages may use the API, or *")
    ingress_replicas: int = Field(1, ge=1, le=64, description="replicas of the HTTP side")
    max_open_requests: int = Field(2048, ge=1, le=4000, description="requests that one Ingress replica has open")
    max_unfinished_jobs: int = Field(20_000, ge=1, description="accepted jobs that have not ended, over all users")
    source_buckets: str | None = Field(None, description="comma-separated buckets that gs:// sources may name")
    retention_days: int | None = Field(None, ge=1, le=36_500, description="terminal jobs older than this are removed")
    webhook_secret: SecretStr = Field(SecretStr(""), description="signs callbacks: whsec_ and base64; unset = none")
    callback_networks: str = Field("", description="comma-separated networks, not public, that callbacks may reach")
    heartbeat_seconds: float = Field(10, ge=0.1, le=60, description="how often a JobHost writes its heartbeat")
    sweep_seconds: float = Field(30, ge=0.1, le=600, description="how often a JobHost looks for unknown markers")
    prompt: str = Field("", description="what vision-language models are asked for; default by model")
    max_page_tokens: int = Field(4096, ge=1, le=131_072, description="most tokens a model may write for a page")
    page_seconds: float = Field(120, gt=0, le=290, description="how long a model may write on a page, in each try")
    openai_model: str = Field("", description="model at the engine openai's server; default: the first it names")
    openai_api_key: SecretStr = Field(SecretStr(""), description="API key of the engine openai's server")
    openai_capacity: int = Field(16, ge=1, le=1024, description="pages that the engine openai's server reads at once")
    null_delay_ms: float = Field(0, ge=0, description="the null engine's time for a batch")
    null_faults: str = Field("", description="the null engine's scripted faults, for tests")
    null_fault_folder: str = Field("", description="where the null engine counts its scripted crashes, for tests")
    null_render: bool = Field(False, description="measure coordination alone: no document is opened or rendered")

    @field_validator("store")
    @classmethod
    def _store(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme == "file" and not parts.query:
            path = value.removeprefix("file://")
            if path:
                return f"file://{Path(path).expanduser().resolve()}"
        if parts.scheme == "gs" and parts.netloc:
            return value.rstrip("/")
        if value == "memory://":
            return value
        raise ValueError("must be file://PATH, gs://BUCKET/PREFIX or memory://")

    @field_validator("ocr_replicas", "render_replicas")
    @classmethod
    def _replicas(cls, value: str) -> str:
        match = _REPLICAS.match(value)
        if match is None or int(match[2] or match[1]) < max(1, int(match[1])):
            raise ValueError("must be n or min-max, with max at least 1 and not below min")
        return value

    @field_validator("cpu_nodes")
    @classmethod
    def _cpu_nodes(cls, value: str) -> str:
        if value and _RESOURCE.fullmatch(value) is None:
            raise ValueError("must be the name of a custom resource of Ray's, such as cpu_node")
        return value

    @field_validator("engines")
    @classmethod
    def _engines(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",")]
        for name in names:
            if _ENGINE.fullmatch(name) is None:
                raise ValueError(f"has the bad engine name {name!r}; an engine is its kind, or kind:argument")
        if len(set(names)) != len(names):
            raise ValueError("names an engine twice")
        return ",".join(names)

    @field_validator("formats")
    @classmethod
    def _formats(cls, value: str) -> str:
        names = list(dict.fromkeys(name.strip() for name in value.split(",")))
        for name in names:
            if name not in FORMATS:
                raise ValueError(f"has {name!r}; allowed are {', '.join(FORMATS)}")
        return ",".join(names)

    @field_validator("api_keys_file")
    @classmethod
    def _api_keys_file(cls, value: Path | None) -> Path | None:
        if value == Path():
            raise ValueError("must name a file; for open mode, leave it unset")
        # Absolute, but with its symbolic links: Kubernetes changes a mounted secret by changing one.
        return None if value is None else Path(os.path.abspath(value.expanduser()))

    @field_validator("cors_origins")
    @classmethod
    def _cors_origins(cls, value: str) -> str:
        origins = [origin.strip() for origin in value.split(",")] if value.strip() else []
        for origin in origins:
            if _ORIGIN.fullmatch(origin) is None:
                raise ValueError(f"has {origin!r}, which is no origin such as https://app.example.org, and not *")
        return ",".join(origins)

    @field_validator("webhook_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            WebhookSecret(value.get_secret_value())
        return value

    @field_validator("dashboard_url")
    @classmethod
    def _dashboard_url(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc):
            raise ValueError("must be an http or https URL")
        return value

    @field_validator("callback_networks")
    @classmethod
    def _callback_networks(cls, value: str) -> str:
        parse_networks(value)
        return value

    @field_validator("source_buckets")
    @classmethod
    def _source_buckets(cls, value: str | None) -> str | None:
        if not value:
            return None
        names = [name.strip() for name in value.split(",")]
        for name in names:
            if _BUCKET.fullmatch(name) is None:
                raise ValueError(f"has the bad bucket name {name!r}; it must be comma-separated names of buckets")
        return ",".join(names)

    @property
    def most_in_a_request_mb(self) -> int:
        return min(self.max_direct_upload_mb, self.max_upload_mb)

    @property
    def engine_names(self) -> tuple[str, ...]:
        return tuple(self.engines.split(","))

    @property
    def format_names(self) -> tuple[str, ...]:
        return tuple(self.formats.split(","))

    @property
    def source_bucket_names(self) -> frozenset[str]:
        return frozenset(self.source_buckets.split(",") if self.source_buckets else ())

    @property
    def store_bucket(self) -> str | None:
        """The bucket that the blob store lies in."""
        parts = urlsplit(self.store)
        return parts.netloc if parts.scheme == "gs" else None

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(self.cors_origins.split(",")) if self.cors_origins else ()

    @property
    def fallback_chains(self) -> tuple[str, ...]:
        return tuple(text for chain in self.fallbacks.split(",") if (text := chain.replace(" ", "")))

    @property
    def callback_terms(self) -> CallbackTerms:
        """What is allowed of callbacks."""
        return CallbackTerms(self.secret_of_callbacks is not None, Reach(parse_networks(self.callback_networks)))

    @property
    def secret_of_callbacks(self) -> WebhookSecret | None:
        text = self.webhook_secret.get_secret_value()
        return WebhookSecret(text) if text else None

    @property
    def ocr_range(self) -> ReplicaRange:
        return _range(self.ocr_replicas)

    @property
    def render_range(self) -> ReplicaRange:
        return _range(self.render_replicas)


def _range(text: str) -> ReplicaRange:
    least, _, most = text.partition("-")
    return ReplicaRange(int(least), int(most or least))


def load_settings(**overrides: Any) -> Settings:
    """From the environment and ``overrides``; StartupError names the first bad one, its value and what is allowed."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = f"GNOSIS_{'_'.join(str(part) for part in first['loc']).upper()}"
        reason = first["msg"].removeprefix("Value error, ")
        field = Settings.model_fields.get(name.removeprefix("GNOSIS_").lower())
        secret = field is not None and field.annotation is SecretStr
        value = "set to something else" if secret else repr(first["input"])
        raise StartupError(f"{name} is {value}: {reason}.") from (None if secret else error)
