"""What JobHosts are called as Ray actors: ``job-host-<deployment version>-<k>``."""

from __future__ import annotations

PREFIX = "job-host"


def host_name(version: str, number: int) -> str:
    return f"{PREFIX}-{version}-{number}"


def is_host(name: str) -> bool:
    """Whether the named actor of our namespace is a host, of whatever version."""
    return name.startswith(f"{PREFIX}-")
