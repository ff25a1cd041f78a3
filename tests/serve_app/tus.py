"""Requests of the tus protocol, made by hand."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import httpx

from cluster import layout
from tests.serve_app.builders import Server
from tests.serve_app.described import assert_described

VERSION = {"Tus-Resumable": "1.0.0"}
CHUNK = {**VERSION, "Content-Type": "application/offset+octet-stream"}


def metadata(**values: str) -> dict[str, str]:
    pairs = [f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items()]
    return {"Upload-Metadata": ",".join(pairs)}


async def created(client: httpx.AsyncClient, length: int, headers: Mapping[str, str] | None = None) -> str:
    """The path of a new upload."""
    answer = await client.post("/api/uploads", headers={**VERSION, "Upload-Length": str(length), **(headers or {})})
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def patched(client: httpx.AsyncClient, path: str, offset: int, content: object) -> httpx.Response:
    headers = {**CHUNK, "Upload-Offset": str(offset)}
    return await client.patch(path, content=content, headers=headers)  # type: ignore[arg-type]


async def offset_of(client: httpx.AsyncClient, path: str) -> int:
    answer = await client.head(path, headers=VERSION)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


async def uploaded(client: httpx.AsyncClient, content: bytes, **named: str) -> str:
    """The id of a finished upload."""
    path = await created(client, len(content), metadata(**named) if named else None)
    assert (await patched(client, path, 0, content)).status_code == 204
    return path.rpartition("/")[2]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert answer.headers["content-type"] == "application/problem+json"
    assert_described(answer)
    return answer.status_code, answer.json()["code"]


async def stored_content(web: Server, path: str) -> bytes:
    """What is stored of the upload."""
    names = await web.names(layout.upload_parts(path.rpartition("/")[2]))
    return b"".join([(await web.store.read(name)).data for name in names])
