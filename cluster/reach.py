"""Where the server itself may send requests: to the public internet, and to networks that a setting names.

A URL may come from anybody. Without this rule the server would carry requests to what only it can reach: the metadata
service of its cloud, Ray's dashboard, an administrator's page. By the URL alone much can be refused at once
(``refusal``); what a name leads to is known when it is resolved, and judged then (``allows``; cluster/guarded_http.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx  # it takes a tenth of a second to import, and settings, which every process reads, import us

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_UNICAST = ip_network("2000::/3")
_EMBEDDING = (ip_network("2001::/32"), ip_network("2002::/16"))
"""Teredo and 6to4: public addresses that carry an IPv4 address, which may be any. NAT64 and others lie outside
2000::/3."""

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*", re.ASCII)
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
"""A host name without a dot at its end: with one, names that look different would lead to one place."""

HTTPS, FIRST_FREE_PORT, LAST_PORT = 443, 1024, 65535
"""Ports below it, but for that of https, belong to services that speak something else."""


@dataclass(frozen=True, slots=True)
class Reach:
    """networks: those beside the public internet that may be reached, and by plain http, too."""

    networks: tuple[Network, ...] = ()

    def allows(self, address: Address, scheme: str = "https") -> bool:
        """Plain http only within the named networks: what is sent is not for everybody's eyes."""
        return self.names(address) or (scheme == "https" and is_public(address))

    def names(self, address: Address) -> bool:
        return any(address in network for network in self.networks)

    def refusal(self, url: httpx.URL) -> str | None:
        """Why no request may go to this URL, as far as the URL alone tells; None where it may."""
        if url.scheme != "https" and not (url.scheme == "http" and self.networks):
            return "its scheme is not https"
        if url.userinfo:
            return "it carries credentials"
        host = url.raw_host.decode("ascii")
        address = _literal(host)
        if address is None and (len(host) > 253 or _NAME.fullmatch(host) is None):
            return "its host is neither a name nor an address"
        if address is None and _NUMBER.fullmatch(host.rpartition(".")[2]):
            return "its host is a number; an address is written as in 203.0.113.7 or [2001:db8::7]"
        if address is None and (host == "localhost" or host.endswith(".localhost")):
            address = ip_address("127.0.0.1")
        if address is not None and not self.allows(address, url.scheme):
            return "its address is not on the public internet"
        port = HTTPS if url.port is None else url.port
        if port > LAST_PORT or not (self.networks or port == HTTPS or port >= FIRST_FREE_PORT):
            return f"its port is neither {HTTPS} nor from {FIRST_FREE_PORT} to {LAST_PORT}"
        return None


def is_public(address: Address) -> bool:
    """Whether it is one machine's on the public internet, and no other way of writing one that is not."""
    if isinstance(address, IPv6Address):
        embedded = any(address in network for network in _EMBEDDING)
        if address.scope_id is not None or address not in _UNICAST or embedded:
            return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not (special or address.is_link_local or address.is_private)


def parse_networks(text: str) -> tuple[Network, ...]:
    """``127.0.0.0/8,10.1.0.0/16,fd00::/8``, none where it is empty. ValueError names what is no network."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
