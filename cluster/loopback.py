"""Which addresses reach this machine alone."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """host: a name or an address, without brackets. A name other than ``localhost`` may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
