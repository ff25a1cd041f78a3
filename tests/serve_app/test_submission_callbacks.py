"""Submitting with a callback: what the marker holds, and what is refused before anything is stored."""

from __future__ import annotations

from typing import Any

import pytest

from cluster import layout
from cluster.marker import decode_marker
from tests.serve_app.builders import Server, server

PDF = b"%PDF-1.7 x"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def submit(web: Server, url: str, *, raw: bool) -> tuple[int, dict[str, object]]:
    async with web.client as client:
        if raw:
            answer = await client.post(
                "/api/jobs", params={"callback_url": url}, content=PDF, headers={"content-type": "application/pdf"}
            )
        else:
            files = {"file": ("a.pdf", PDF)}
            answer = await client.post("/api/jobs", data={"callback_url": url}, files=files)
    return answer.status_code, answer.json()


@pytest.mark.parametrize("raw", [True, False])
async def test_it_is_kept_in_marker_and_record(raw: bool) -> None:
    web = server(webhook_secret=SECRET)
    status, record = await submit(web, "https://receiver.example/done", raw=raw)
    assert status == 202, record
    options = record["options"]
    assert isinstance(options, dict)
    assert options["callback_url"] == "https://receiver.example/done"
    marker = decode_marker((await web.store.read(layout.marker(str(record["job_id"])))).data)
    assert marker.job_options.callback_url == "https://receiver.example/done"


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(
    ("url", "settings", "why"),
    [
        ("https://receiver.example/", {}, "no secret to sign"),
        ("http://receiver.example/", {"webhook_secret": SECRET}, "https"),
        ("https://10.0.0.1/", {"webhook_secret": SECRET}, "public"),
        ("http://10.0.0.1/", {"webhook_secret": SECRET, "callback_networks": "127.0.0.0/8"}, "public"),
        ("https://a:b@receiver.example/", {"webhook_secret": SECRET}, "credentials"),
    ],
)
async def test_what_is_refused(url: str, settings: dict[str, Any], why: str, raw: bool) -> None:
    web = server(**settings)
    status, problem = await submit(web, url, raw=raw)
    assert (status, problem["code"]) == (400, "option_invalid")
    assert "`callback_url`" in str(problem["detail"])
    assert why in str(problem["detail"])
    assert await web.names() == []


async def test_own_networks_may_be_called_by_setting() -> None:
    web = server(webhook_secret=SECRET, callback_networks="127.0.0.0/8")
    status, _ = await submit(web, "http://127.0.0.1:9000/done", raw=False)
    assert status == 202
