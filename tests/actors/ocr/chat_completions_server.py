"""A small server of the chat completions API on a free loopback port: HTTP for real, and a model that is a function.

It is as strict as ``transformers serve``: a field that it does not know, or another model than its own, is refused.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.served_app import served

MODEL = "tiny/reader"
FIELDS = {"model", "messages", "max_tokens", "temperature", "stream"}


def fingerprint(image: Image.Image) -> str:
    """What the model "reads": the same for the same pixels, whatever file they came in."""
    digest = hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()[:8]
    return f"# {image.width} x {image.height}\n\n{digest}"


@dataclass
class ChatCompletionsServer:
    """read: the model; it may answer with a Response of its own instead. key: "" lets everybody in.

    refusals: given to the next requests for pages, in order, in place of an answer. capacity: requests past so many at
    once get a 429. takes_s: how long a page takes. models: answered by GET /v1/models.
    """

    read: Callable[[Image.Image], str | Response] = fingerprint
    key: str = ""
    model: str = MODEL
    refusals: list[Response] = field(default_factory=list)
    capacity: int = 1000
    takes_s: float = 0.0
    models: Response = field(default_factory=lambda: JSONResponse({"data": [{"id": MODEL}, {"id": "other"}]}))
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    most_at_once: int = 0
    left_early: int = 0
    _at_once: int = 0

    def renew(self) -> None:
        """Forgets what it was told and what it was asked."""
        vars(self).update(vars(ChatCompletionsServer(url=self.url)))

    async def list_models(self, request: Request) -> Response:
        return self.models if self._may(request) else refusal(401, f"Incorrect API key provided: {self.key}")

    async def complete(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if not self._may(request):
            return refusal(401, "Incorrect API key provided: " + request.headers.get("authorization", ""))
        fields = await request.json()
        self.requests.append(fields)
        if unknown := fields.keys() - FIELDS:
            return JSONResponse({"detail": f"Unexpected fields in the request: {unknown}"}, 422)
        if fields["model"] != self.model:
            return refusal(404, f"The model `{fields['model']}` does not exist.")
        if self.refusals:
            return self.refusals.pop(0)
        if self._at_once >= self.capacity:
            return refusal(429, "Too many requests", {"Retry-After": "0"})
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            return await self._complete(request, fields)
        finally:
            self._at_once -= 1

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/models", self.list_models),
                Route("/v1/chat/completions", self.complete, methods=["POST"]),
            ]
        )

    async def _complete(self, request: Request, fields: dict[str, Any]) -> Response:
        end = asyncio.get_running_loop().time() + self.takes_s
        while asyncio.get_running_loop().time() < end:
            if await request.is_disconnected():
                self.left_early += 1
                return Response()
            await asyncio.sleep(0.01)
        read = self.read(sent_image(fields))
        return read if isinstance(read, Response) else completion(read)

    def _may(self, request: Request) -> bool:
        return not self.key or request.headers.get("authorization") == f"Bearer {self.key}"


def sent_image(fields: dict[str, Any]) -> Image.Image:
    (part,) = (part for part in fields["messages"][0]["content"] if part["type"] == "image_url")
    head, _, data = part["image_url"]["url"].partition(",")
    image = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
    assert head == f"data:{image.get_format_mimetype()};base64"
    return image


def completion(content: object, finish_reason: str | None = "stop") -> Response:
    message = {"role": "assistant", "content": content}
    return JSONResponse({"choices": [{"index": 0, "message": message, "finish_reason": finish_reason}]})


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"message": message, "code": status}}, status, headers)


@contextmanager
def serving(server: ChatCompletionsServer) -> Iterator[ChatCompletionsServer]:
    """Runs it in a thread of its own for the block's time."""
    with served(server.app()) as server.url:
        yield server
