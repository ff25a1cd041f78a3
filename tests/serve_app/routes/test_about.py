"""What the server is, and how it is doing, over HTTP."""

from __future__ import annotations

from serve_app.figures import Figures
from tests.serve_app.builders import Server
from tests.serve_app.figures_example import HOSTS, REPLICAS


async def test_info(web: Server) -> None:
    web.gateway.told = Figures(HOSTS, REPLICAS)
    answer = await web.client.get("/api/info")
    assert answer.status_code == 200
    info = answer.json()
    assert info["version"] == "1.2.3"
    assert info["engines"][0]["replicas"] == {"running": 2, "least": 1, "most": 1}
    assert info["limits"]["direct_upload_bytes"] == 1 << 20


async def test_metrics(web: Server) -> None:
    web.gateway.told = Figures(HOSTS, REPLICAS, missing=("job host 2 does not answer",))
    summary = (await web.client.get("/api/metrics/summary")).json()
    assert summary["queue"]["jobs_live"] == 5
    assert summary["done"]["pages_a_minute"] == 90
    assert [pool["batch_fill"] for pool in summary["pools"]] == [0.3]
    assert [host["memory_mb"] for host in summary["hosts"]] == [80.5, 80.5]
    assert summary["ingress"]["memory_mb"] > 1
    assert summary["missing"] == ["job host 2 does not answer"]
