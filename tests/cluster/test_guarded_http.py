"""A client for others' URLs: it connects to the addresses that it judged, once resolved, and to no others."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cluster.errors import AddressForbidden, FetchFailed
from cluster.guarded_http import GuardedClient
from cluster.reach import Reach, parse_networks

PUBLIC = Reach()
LOOPBACK = Reach(parse_networks("127.0.0.0/8,::1/128"))


@dataclass
class Names:
    """A resolver. answers: for each name, what it leads to, in turn; the last one stays."""

    answers: dict[str, list[list[str]]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        answers = self.answers.get(host)
        if answers is None:
            raise OSError("no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]


@dataclass
class Wire(httpx.AsyncBaseTransport):
    """What would be sent. unreachable: addresses to which no connection is made."""

    sent: list[httpx.Request] = field(default_factory=list)
    unreachable: Sequence[str] = ()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if request.url.host in self.unreachable:
            raise httpx.ConnectError("refused")
        return httpx.Response(204, headers={"Retry-After": "7"}, stream=httpx.ByteStream(b""))


def client(names: dict[str, list[list[str]]], wire: Wire, reach: Reach = PUBLIC) -> tuple[GuardedClient, Names]:
    resolver = Names(names)
    return GuardedClient(reach, "gnosis-ocr/test", resolve=resolver, transport=wire), resolver


async def test_the_request_goes_to_the_judged_address_under_its_own_name() -> None:
    wire = Wire()
    guarded, names = client({"example.org": [["93.184.216.34"]]}, wire)
    reply = await guarded.post("https://example.org:8443/done?a=b", {"x-a": "1"}, b"body")
    assert (reply.status, reply.headers["retry-after"]) == (204, "7")
    (sent,) = wire.sent
    assert str(sent.url) == "https://93.184.216.34:8443/done?a=b"
    assert sent.headers["host"] == "example.org:8443"
    assert sent.extensions["sni_hostname"] == "example.org"
    assert (sent.headers["user-agent"], sent.headers["x-a"]) == ("gnosis-ocr/test", "1")
    assert names.asked == [("example.org", 8443)]
    await guarded.close()


async def test_a_name_that_is_bound_anew_after_it_was_judged_is_not_asked_again() -> None:
    wire = Wire()
    guarded, names = client({"rebind.example": [["93.184.216.34"], ["127.0.0.1"]]}, wire)
    await guarded.post("https://rebind.example/", {}, b"")
    assert [request.url.host for request in wire.sent] == ["93.184.216.34"]
    with pytest.raises(AddressForbidden):
        await guarded.post("https://rebind.example/", {}, b"")
    assert len(wire.sent) == 1
    assert len(names.asked) == 2, "once for each request"
    await guarded.close()


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:10.0.0.1"],
        ["fe80::1%eth0"],
        ["93.184.216.34", "10.0.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
    ],
)
async def test_a_name_with_an_address_that_may_not_be_reached_is_refused(addresses: list[str]) -> None:
    wire = Wire()
    guarded, _ = client({"example.org": [addresses]}, wire)
    with pytest.raises(AddressForbidden) as caught:
        await guarded.post("https://example.org/", {}, b"secret")
    assert wire.sent == []
    assert not any(address in caught.value.detail for address in addresses), "what a name leads to is not told"
    await guarded.close()


@pytest.mark.parametrize(
    "url", ["http://example.org/", "https://127.1/", "https://[::ffff:10.0.0.1]/", "https://a.org./"]
)
async def test_a_url_that_may_not_be_called_is_not_even_resolved(url: str) -> None:
    wire = Wire()
    guarded, names = client({}, wire)
    with pytest.raises(AddressForbidden):
        await guarded.post(url, {}, b"")
    assert (wire.sent, names.asked) == ([], [])
    await guarded.close()


async def test_plain_http_stays_within_the_named_networks() -> None:
    wire = Wire()
    guarded, _ = client({"out.example": [["93.184.216.34"]], "in.example": [["127.0.0.1"]]}, wire, LOOPBACK)
    assert (await guarded.post("http://in.example/", {}, b"")).status == 204
    with pytest.raises(AddressForbidden):
        await guarded.post("http://out.example/", {}, b"")
    await guarded.close()


async def test_further_addresses_are_tried() -> None:
    wire = Wire(unreachable=["8.8.8.8"])
    guarded, _ = client({"two.example": [["8.8.8.8", "2606:4700::1111"]]}, wire)
    assert (await guarded.post("https://two.example/", {}, b"x")).status == 204
    assert [request.url.host for request in wire.sent] == ["8.8.8.8", "2606:4700::1111"]
    await guarded.close()


async def test_names_that_lead_nowhere() -> None:
    guarded, _ = client({"empty.example": [[]]}, Wire())
    for name in ("empty.example", "unknown.example"):
        with pytest.raises(FetchFailed, match="No answer"):
            await guarded.post(f"https://{name}/", {}, b"")
    await guarded.close()


async def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    guarded = GuardedClient(Reach(), "t", resolve=hang, transport=Wire(), total_s=0.05)
    with pytest.raises(FetchFailed, match="within"):
        await guarded.post("https://example.org/", {}, b"")
    await guarded.close()


# ------------------------------------------------------------ over real sockets


@asynccontextmanager
async def receiver(
    answer: bytes, *, hang: bool = False, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """Answers every request with ``answer``; yields the port and what was received."""
    received: list[bytes] = []
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        if hang:
            await done.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1], received
    finally:
        done.set()
        server.close()
        await server.wait_closed()
        gc.collect()


async def test_the_system_s_resolver_and_a_real_connection() -> None:
    async with receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as (port, received):
        guarded = GuardedClient(LOOPBACK, "t")
        assert (await guarded.post(f"http://localhost:{port}/x", {}, b"{}")).status == 200
        assert f"Host: localhost:{port}".encode() in received[0]
        strict = GuardedClient(Reach(), "t")
        with pytest.raises(AddressForbidden):
            await strict.post(f"https://localhost:{port}/x", {}, b"{}")
        assert len(received) == 1
        await guarded.close()
        await strict.close()


async def test_redirects_are_not_followed() -> None:
    async with receiver(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n") as (port, received):
        guarded = GuardedClient(LOOPBACK, "t")
        assert (await guarded.post(f"http://127.0.0.1:{port}/", {}, b"")).status == 302
        assert len(received) == 1
        await guarded.close()


async def test_a_long_answer_is_not_read_to_its_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n"
    async with receiver(head + b"x" * 200_000, hang=True) as (port, _):
        guarded = GuardedClient(LOOPBACK, "t", total_s=5)
        assert (await guarded.post(f"http://127.0.0.1:{port}/", {}, b"")).status == 200
        await guarded.close()


async def test_an_answer_that_drips_is_not_waited_for() -> None:
    async with receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", hang=True) as (port, _):
        guarded = GuardedClient(LOOPBACK, "t", total_s=0.1)
        with pytest.raises(FetchFailed, match="within"):
            await guarded.post(f"http://127.0.0.1:{port}/", {}, b"")
        await guarded.close()


async def test_nobody_listens() -> None:
    async with receiver(b"") as (port, _):
        pass
    guarded = GuardedClient(LOOPBACK, "t")
    with pytest.raises(FetchFailed, match="ConnectError"):
        await guarded.post(f"http://127.0.0.1:{port}/", {}, b"")
    await guarded.close()


async def test_the_certificate_must_be_that_of_the_name(tmp_path: Path) -> None:
    certificate, key = certificate_for("receiver.example")
    (tmp_path / "c.pem").write_bytes(certificate + key)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tmp_path / "c.pem")
    asked: list[str | None] = []
    serving.sni_callback = lambda _, name, __: asked.append(name)
    trusting = ssl.create_default_context(cadata=certificate.decode())
    names = Names({"receiver.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]})
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    async with receiver(answer, tls=serving) as (port, received):
        guarded = GuardedClient(LOOPBACK, "t", resolve=names, verify=trusting)
        assert (await guarded.post(f"https://receiver.example:{port}/", {}, b"{}")).status == 200
        with pytest.raises(FetchFailed, match="ConnectError"):
            await guarded.post(f"https://other.example:{port}/", {}, b"{}")
        assert asked == ["receiver.example", "other.example"]
        assert len(received) == 1
        await guarded.close()


def certificate_for(name: str) -> tuple[bytes, bytes]:
    """A certificate that vouches for itself, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    return built.public_bytes(pem), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
