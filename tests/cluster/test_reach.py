"""Where the server may send requests: nowhere that only it can reach, however the address is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.reach import Reach, is_public, parse_networks

OWN = Reach(parse_networks("127.0.0.0/8, 10.1.0.0/16,fd00::/8"))


@pytest.mark.parametrize("text", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2001:4860:4860::8888"])
def test_public_addresses(text: str) -> None:
    assert is_public(ip_address(text))
    assert Reach().allows(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1"),
        *("192.0.2.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1"),
        *("::ffff:10.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
        "2606:4700::1111%eth0",
    ],
)
def test_addresses_that_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))
    assert not Reach().allows(ip_address(text))


@given(st.ip_addresses(v=4))
def test_what_embeds_another_address_is_never_public(address: IPv4Address) -> None:
    bits = int(address)
    for network, embedded in (
        ("::ffff:0:0", bits),  # mapped
        ("::", bits),  # compatible
        ("64:ff9b::", bits),  # NAT64
        ("2002::", bits << 80),  # 6to4
        ("2001::", bits ^ 0xFFFFFFFF),  # Teredo
    ):
        assert not is_public(IPv6Address(int(IPv6Address(network)) | embedded))


@given(st.ip_addresses(v=6))
def test_what_is_public_lies_where_such_addresses_are_given_out(address: IPv6Address) -> None:
    assert not is_public(address) or (address.is_global and address.exploded[0] in "23")


def test_named_networks_may_be_reached_and_by_plain_http() -> None:
    for text in ("127.0.0.1", "10.1.2.3", "fd00::7"):
        assert OWN.allows(ip_address(text), "http")
    for text in ("10.2.0.1", "169.254.169.254", "::ffff:127.0.0.1"):
        assert not OWN.allows(ip_address(text))
    assert OWN.allows(ip_address("8.8.8.8"))
    assert not OWN.allows(ip_address("8.8.8.8"), "http")


@pytest.mark.parametrize("url", ["https://example.org", "https://a-b.example.org:8443/x?y=z", "https://8.8.8.8/"])
def test_urls_that_may_be_called(url: str) -> None:
    assert Reach().refusal(httpx.URL(url)) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.org/", "https"),
        ("ftp://example.org/", "https"),
        ("https://user@example.org/", "credentials"),
        ("https://user:pass@example.org/", "credentials"),
        ("https://example.org\\@10.0.0.1/", "credentials"),
        ("https:///path", "neither a name"),
        ("https://example.org./", "neither a name"),
        ("https://localhost./", "neither a name"),
        ("https://exa mple.org/", "neither a name"),
        (f"https://{'a.' * 130}org/", "neither a name"),
        ("https://127.1/", "number"),
        ("https://2130706433/", "number"),
        ("https://0x7f000001/", "number"),
        ("https://127.0.0.1/", "public"),
        ("https://localhost/", "public"),
        ("https://ray.localhost/", "public"),
        ("https://[::1]/", "public"),
        ("https://[::ffff:10.0.0.1]/", "public"),
        ("https://[fe80::1%25eth0]/", "public"),
        ("https://169.254.169.254/latest/meta-data/", "public"),
        ("https://127。0。0。1/", "public"),
        ("https://example.org:22/", "port"),
        ("https://example.org:80/", "port"),
        ("https://example.org:99999/", "port"),
    ],
)
def test_urls_that_may_not(url: str, why: str) -> None:
    refusal = Reach().refusal(httpx.URL(url))
    assert refusal is not None
    assert why in refusal


def test_urls_within_named_networks() -> None:
    for url in (
        "http://127.0.0.1:9000/hook",
        "http://localhost:80/",
        "http://receiver.internal/",
        "https://10.1.0.1:22/",
    ):
        assert OWN.refusal(httpx.URL(url)) is None
    for url in ("http://127.1/", "http://10.2.0.1/", "http://8.8.8.8/", "http://169.254.169.254/"):
        assert OWN.refusal(httpx.URL(url)) is not None


@pytest.mark.parametrize("text", ["10.0.0.1/8", "localhost", "10.0.0.0/33"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(ValueError, match=r"10\.|localhost"):
        parse_networks(text)
