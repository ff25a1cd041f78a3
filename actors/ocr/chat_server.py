"""A server of chat completions, as OpenAI's API lays them down and vLLM and ``transformers serve`` speak them.

One attempt at each request. httpx and its errors end here: what comes back is a Reply.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from actors.ocr.chat_reply import KEY_REFUSED, Refusal, Reply, read_reply, server_message
from cluster.clock import Clock
from cluster.errors import StartupError
from cluster.loopback import is_loopback

CONNECT_S = 10.0
SEND_S = 60.0


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """base: without a slash at its end, with the version: ``http://host:8000/v1``. key: "" for none."""

    base: str
    key: str = field(default="", repr=False)

    @classmethod
    def checked(cls, url: str, key: str) -> ServerAddress:
        """StartupError: not such a URL, or a key that no header can carry. ``/v1`` is added where there is no path."""
        wrong = f"{url!r} is not the URL of a server"
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018 - it raises where it is no number
        except ValueError as error:
            raise StartupError(f"{wrong}: {error}.") from error
        if "@" in parts.netloc:
            raise StartupError("The URL of an engine must not hold a password; set GNOSIS_OPENAI_API_KEY.")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise StartupError(f"{wrong}, such as http://127.0.0.1:8000/v1.")
        if not all("!" <= letter <= "~" for letter in key):
            raise StartupError("GNOSIS_OPENAI_API_KEY holds a character that no API key has, such as a space.")
        return cls(url.rstrip("/") if parts.path.strip("/") else f"{parts.scheme}://{parts.netloc}/v1", key)


class ChatServer:
    """connections: most at once. It belongs to one event loop.

    No proxy of the environment is the way to this machine itself, and no redirect is followed: pages and the key go
    where the operator said, and nowhere else.
    """

    def __init__(
        self,
        address: ServerAddress,
        *,
        connections: int,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._address = address
        self._clock = clock
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {address.key}"} if address.key else {},
            # The page's own time bounds the answer, which may be long in coming, and bounded are the requests, too.
            timeout=httpx.Timeout(None, connect=CONNECT_S, write=SEND_S),
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            follow_redirects=False,
            trust_env=not is_loopback(urlsplit(address.base).hostname or ""),
            transport=transport,
        )

    async def models(self) -> list[str] | Refusal:
        """The models that it offers, in its order. StartupError: it can't tell, and won't be able to later."""
        url = f"{self._address.base}/models"
        try:
            answer = await self._http.get(url)
        except httpx.RequestError as error:
            return self._unreachable(error)
        body = self._without_key(answer)
        reply = read_reply(answer.status_code, answer.headers, body, self._clock.now())
        if isinstance(reply, Refusal) and reply.passing:
            return reply
        if answer.status_code in KEY_REFUSED:
            raise StartupError(f"{url} refuses the API key (HTTP {answer.status_code}); set GNOSIS_OPENAI_API_KEY.")
        if answer.status_code != 200:
            told = f"HTTP {answer.status_code}: {server_message(body)}"
            raise StartupError(f"{url} does not tell its models ({told}); set GNOSIS_OPENAI_MODEL.")
        try:
            return [str(entry["id"]) for entry in json.loads(body)["data"]]
        except (ValueError, KeyError, TypeError) as error:
            raise StartupError(f"{url} answers with something else than a list of models.") from error

    async def complete(self, request: dict[str, Any]) -> Reply:
        """One attempt at POST /chat/completions. It may take for ever: the caller bounds it."""
        try:
            answer = await self._http.post(f"{self._address.base}/chat/completions", json=request)
        except httpx.RequestError as error:
            return self._unreachable(error)
        return read_reply(answer.status_code, answer.headers, self._without_key(answer), self._clock.now())

    async def close(self) -> None:
        await self._http.aclose()

    def _unreachable(self, error: httpx.RequestError) -> Refusal:
        """A connection that can't be made is the server's affair; one that broke off may be the page's."""
        unmade = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError)
        said = f"{type(error).__name__} {error}".strip()
        return Refusal(f"The server at {self._address.base} can't be reached: {said}.", passing=unmade)

    def _without_key(self, answer: httpx.Response) -> bytes:
        """The body. An error's message may repeat the key that the server was sent."""
        key = self._address.key.encode()
        return answer.content if answer.status_code == 200 or not key else answer.content.replace(key, b"(key)")
