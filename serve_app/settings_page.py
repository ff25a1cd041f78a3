"""The page about the settings, made from their fields: ``python -m serve_app.settings_page > docs/settings.md``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from cluster.settings import Settings
from serve_app.settings_flags import flag_of

INTRODUCTION = """# Settings

Every setting is an environment variable and a flag of `gnosis-ocr serve`; where both are given the flag counts. They
are read once, when the server starts; a bad one stops the start with a line that names it and says what is allowed.
On Kubernetes and Google Compute Engine they are the `args` of the application, under the variable's name in small
letters without `GNOSIS_` ([deploy-kubernetes.md](deploy-kubernetes.md), [deploy-gce.md](deploy-gce.md)).

This page is made from cluster/settings.py by `python -m serve_app.settings_page > docs/settings.md`; a test holds the
two together."""

NO_SETTINGS = """## Variables that are no settings

They are no flags. Those of every process must be set where Ray's nodes are started.

| variable | read by | meaning |
|---|---|---|
| `GNOSIS_URL` | the commands and the Python client | where the server is; default `http://127.0.0.1:8000` |
| `GNOSIS_API_KEY` | the same | the API key they send |
| `RAY_ADDRESS` | `gnosis-ocr serve` | an existing cluster that is joined in the place of starting one |
| `STORAGE_EMULATOR_HOST` | the blob store | a stand-in for Cloud Storage ([cloud-storage.md](cloud-storage.md)) |
| `GNOSIS_LOG_LEVEL`, `GNOSIS_LOG_FORMAT` | every process of the cluster | log lines ([logs.md](logs.md)) |
| `GNOSIS_AUDIT_LOG` | the same | the file of the audit log ([deletion.md](deletion.md#the-audit-log)) |
| `OTEL_EXPORTER_OTLP_ENDPOINT` | the same | the collector of traces ([logs.md](logs.md#traces)) |"""

GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Where it listens": (
        "[ports.md](ports.md) has every port, [security.md](security.md) who may use the server.",
        ("host", "port", "proxy", "dashboard_port", "api_keys_file", "cors_origins"),
    ),
    "Where things are kept": (
        "[cloud-storage.md](cloud-storage.md), [deletion.md](deletion.md), [formats.md](formats.md).",
        ("store", "retention_days", "formats", "cache_folder"),
    ),
    "Documents": (
        "[documents.md](documents.md), [uploads.md](uploads.md).",
        ("max_upload_mb", "max_direct_upload_mb", "max_pages", "max_page_megapixels", "source_buckets"),
    ),
    "Engines and their pools": (
        "[engines.md](engines.md), [gpu.md](gpu.md), [batching.md](batching.md).",
        (
            *("engines", "fallbacks", "ocr_replicas", "ocr_gpus", "render_replicas", "batch_size", "batch_wait_ms"),
            *("recycle_pages", "recycle_memory_mb"),
        ),
    ),
    "Vision-language models": (
        "Of the engines `transformers` and `openai` ([engines.md](engines.md)).",
        ("prompt", "max_page_tokens", "page_seconds", "openai_model", "openai_api_key", "openai_capacity"),
    ),
    "Callbacks": ("[webhooks.md](webhooks.md).", ("webhook_secret", "callback_networks")),
    "Load and recovery": (
        "[security.md](security.md#what-holds-for-everybody), [durability.md](durability.md).",
        (
            *("ingress_replicas", "max_open_requests", "max_unfinished_jobs", "upload_budget_mb", "job_hosts"),
            *("heartbeat_seconds", "sweep_seconds"),
        ),
    ),
    "For measuring and for tests": (
        "With the engine `null`, which reads nothing.",
        ("null_delay_ms", "null_faults", "null_fault_folder", "null_render"),
    ),
}
"""The page's sections: a line about each, and its settings. One that none names stands behind the one before it."""

_BOUNDS = ("ge", "gt", "le")


def settings_page() -> str:
    """Markdown, the whole of docs/settings.md."""
    sections = (_section(title, GROUPS[title][0], names) for title, names in sections_of_settings().items())
    return "\n\n".join([INTRODUCTION, *sections, NO_SETTINGS]) + "\n"


def sections_of_settings() -> dict[str, list[str]]:
    """Every setting, once, by its section's title."""
    sections = {title: list(names) for title, (_, names) in GROUPS.items()}
    title_of = {name: title for title, names in sections.items() for name in names}
    before = ""
    for name in Settings.model_fields:
        if name not in title_of:
            title_of[name] = title_of.get(before, next(iter(GROUPS)))
            section = sections[title_of[name]]
            section.insert(section.index(before) + 1 if before in section else 0, name)
        before = name
    return sections


def allowed(field: FieldInfo) -> str:
    """The values that are allowed, where the field itself says so; else what kind of value it is."""
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not type(None)]
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{value}`" for value in kinds)
    if kinds[0] is bool:
        return "`true`, `false`"
    return _bounds(field) or ("a file" if kinds[0] is Path else "text")


def default(field: FieldInfo) -> str:
    """``unset`` where there is no value; the meaning tells what happens then."""
    value = field.default
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if isinstance(value, int | float) or (isinstance(value, str) and value) else "unset"


def _section(title: str, line: str, names: Iterable[str]) -> str:
    rows = (_row(name, Settings.model_fields[name]) for name in names)
    head = ("| setting | default | allowed | meaning |", "|---|---|---|---|")
    return "\n".join([f"## {title}", "", line, "", *head, *rows])


def _row(name: str, field: FieldInfo) -> str:
    names = f"`GNOSIS_{name.upper()}`<br>`{flag_of(name)}`"
    return f"| {names} | {default(field)} | {allowed(field)} | {field.description} |"


def _bounds(field: FieldInfo) -> str:
    bounds = {name: getattr(each, name) for each in field.metadata for name in _BOUNDS if hasattr(each, name)}
    match bounds:
        case {"ge": least, "le": most}:
            return f"{least} to {most}"
        case {"gt": least, "le": most}:
            return f"above {least}, up to {most}"
        case {"ge": least}:
            return f"{least} or more"
    return ""


if __name__ == "__main__":
    print(settings_page(), end="")
