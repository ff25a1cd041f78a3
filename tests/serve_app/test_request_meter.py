"""Requests are counted by the pattern of their route, never by their address."""

from __future__ import annotations

from cluster.clock import ManualClock
from cluster.meter import Meter
from cluster.metrics import HTTP_OPEN, HTTP_REQUESTS, HTTP_TIME, JOBS_ACCEPTED, STAGE_TIME, UPLOAD_BYTES
from tests.serve_app.builders import PDF, server


async def test_requests_are_counted_by_route_method_and_status() -> None:
    meter = Meter(ManualClock())
    web = server(meter=meter)
    answer = await web.client.post("/api/jobs", content=PDF, headers={"Content-Type": "application/pdf"})
    job = answer.json()["job_id"]
    for _ in range(2):
        assert (await web.client.get(f"/api/jobs/{job}/status")).status_code == 200
    await web.client.get(f"/api/jobs/{job}/pages/3")
    await web.client.get("/no/such/address")
    await web.client.request("PURGE", "/api/jobs")
    collected = meter.collect()
    requests = {labels: count for (metric, labels), count in collected.counts.items() if metric is HTTP_REQUESTS}
    assert requests == {
        ("/api/jobs", "POST", "202"): 1,
        ("/api/jobs/{job_id}/status", "GET", "200"): 2,
        ("/api/jobs/{job_id}/pages/{page}", "GET", "409"): 1,
        ("none", "GET", "404"): 1,
        ("/api/jobs", "other", "405"): 1,
    }
    assert len(collected.values[(HTTP_TIME, ("/api/jobs/{job_id}/status",))]) == 2
    assert collected.counts[(JOBS_ACCEPTED, ())] == 1
    assert len(collected.values[(STAGE_TIME, ("upload",))]) == 1
    assert (collected.gauges[(HTTP_OPEN, ())], collected.gauges[(UPLOAD_BYTES, ())]) == (0, 0)


async def test_requests_that_ask_to_wait_are_counted_and_not_timed() -> None:
    meter = Meter(ManualClock())
    web = server(meter=meter)
    await web.client.get("/healthz?wait=1")
    collected = meter.collect()
    assert collected.counts[(HTTP_REQUESTS, ("/healthz", "GET", "200"))] == 1
    assert not [labels for metric, labels in collected.values if metric is HTTP_TIME]


async def test_resumable_uploads_are_counted_under_their_route_also_where_the_method_is_overridden() -> None:
    meter = Meter(ManualClock())
    web = server(meter=meter)
    tus = {"Tus-Resumable": "1.0.0"}
    made = await web.client.post("/api/uploads", headers={**tus, "Upload-Length": "3"})
    place = made.headers["location"]
    await web.client.head(place, headers=tus)
    piece = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    await web.client.post(place, content=b"abc", headers={**piece, "X-HTTP-Method-Override": "PATCH"})
    counted = {labels for metric, labels in meter.collect().counts if metric is HTTP_REQUESTS}
    assert counted == {
        ("/api/uploads", "POST", "201"),
        ("/api/uploads/{upload_id}", "HEAD", "200"),
        ("/api/uploads/{upload_id}", "PATCH", "204"),
    }
