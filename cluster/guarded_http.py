"""An HTTP client for URLs that come from others: it reaches only what it may (cluster/reach.py).

Theory of operation. The host's name is resolved once, every address that it has is judged, and the connection is made
to one of those that were judged: the request's URL names the address, and the name stands in the Host header and in
what TLS asks for and verifies. So no second resolution can lead elsewhere (DNS rebinding). Redirects are not followed,
proxies of the environment not used, and of an answer no more is read than its head and a little of its body.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from cluster.errors import AddressForbidden, FetchFailed
from cluster.reach import Address, Reach

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name, as texts, for a port. OSError where it has none."""

CONNECT_S, TOTAL_S = 5.0, 15.0
MOST_TRIED = 3
"""Addresses of one name."""
MOST_READ = 64 << 10
"""Bytes of an answer's body."""
RESOLVERS = 8


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. headers: names in lower case."""

    status: int
    headers: Mapping[str, str]


class GuardedClient:
    """resolve: by the system's resolver in threads of its own, unless a test brings another. verify: as httpx takes it.

    total_s: from the resolution to the end of the answer.
    """

    def __init__(
        self,
        reach: Reach,
        user_agent: str,
        *,
        resolve: Resolve | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        verify: ssl.SSLContext | bool = True,
        total_s: float = TOTAL_S,
    ) -> None:
        self._threads = ThreadPoolExecutor(RESOLVERS, "resolver")
        self._total_s = total_s
        inner = transport or httpx.AsyncHTTPTransport(
            verify=verify, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(reach, resolve or self._resolve, inner),
            headers={"User-Agent": user_agent, "Accept": "*/*"},
            timeout=httpx.Timeout(total_s, connect=CONNECT_S),
            follow_redirects=False,
            trust_env=False,
        )

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """AddressForbidden where nothing may be sent there; FetchFailed where no answer came."""
        try:
            async with (
                asyncio.timeout(self._total_s),
                self._client.stream("POST", url, headers=dict(headers), content=body) as response,
            ):
                await _drain(response)
                return Reply(response.status_code, dict(response.headers))
        except TimeoutError as error:
            raise FetchFailed(f"No answer within {self._total_s:.0f} s.") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(f"No answer: {type(error).__name__}.") from error

    async def close(self) -> None:
        await self._client.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        def look_up() -> list[str]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            return list(dict.fromkeys(str(address[0]) for *_, address in found))

        return await asyncio.get_running_loop().run_in_executor(self._threads, look_up)


class GuardedTransport(httpx.AsyncBaseTransport):
    """inner: sends a request whose URL names an address to that address."""

    def __init__(self, reach: Reach, resolve: Resolve, inner: httpx.AsyncBaseTransport) -> None:
        self._reach = reach
        self._resolve = resolve
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """AddressForbidden before anything is sent."""
        refusal = self._reach.refusal(request.url)
        if refusal is not None:
            raise AddressForbidden(f"Nothing is sent to this URL, for {refusal}.")
        addresses = await self._judged(request.url)
        failure: httpx.TransportError | None = None
        for address in addresses[:MOST_TRIED]:
            try:
                return await self._inner.handle_async_request(_sent_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure

    async def _judged(self, url: httpx.URL) -> list[Address]:
        """Every address of the URL's host, at least one. A name with but one that may not be reached is refused."""
        host = url.raw_host.decode("ascii")
        try:
            found = [ip_address(text) for text in await self._resolve(host, url.port or 443)]
        except (OSError, ValueError) as error:
            raise httpx.ConnectError("The host's name leads nowhere.") from error
        if not found:
            raise httpx.ConnectError("The host's name leads nowhere.")
        if not all(self._reach.allows(address, url.scheme) for address in found):
            raise AddressForbidden("Nothing is sent to this URL: its host has an address that may not be reached.")
        return found

    async def aclose(self) -> None:
        await self._inner.aclose()


def _sent_to(address: Address, request: httpx.Request) -> httpx.Request:
    """The request as it goes to ``address``. Its Host header was made from its own URL, and stays."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


async def _drain(response: httpx.Response) -> None:
    """As received, without decompression; the connection is closed over what is left."""
    read = 0
    async for piece in response.aiter_raw():
        read += len(piece)
        if read >= MOST_READ:
            break
