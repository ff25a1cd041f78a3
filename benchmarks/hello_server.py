"""Serve's hello world, started just as the product is: the same proxy, the same options, another application in it.

It is what requests a second are compared with: nothing that runs in Serve's replicas can answer faster.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cluster import ray_cluster
from cluster.ray_cluster import start_or_join
from cluster.settings import Settings, load_settings
from serve_app.server import running_server, wait_for_signal


class Hello:
    def __serve_build_asgi_app__(self) -> Any:
        async def hello(request: Request) -> Response:
            return PlainTextResponse("Hello, world!")

        return Starlette(routes=[Route("/{path:path}", hello)])


def build(settings: Settings) -> Any:
    """In the place of serve_app.deploy.build."""
    from ray import serve

    from serve_app.deploy import HEALTH, INGRESS_CALLS, LOGGING, SHARES

    ingress = serve.deployment(
        serve.ingress()(Hello),
        name="Ingress",
        max_ongoing_requests=INGRESS_CALLS,
        ray_actor_options={"num_cpus": SHARES["ingress"]},
        logging_config=LOGGING,
        **HEALTH,
    )
    return ingress.bind()


def start(settings: Settings, *, dashboard: bool) -> Any:
    """Ray's switches must be set before Ray is imported, so the application is exchanged only once they are."""
    cluster = start_or_join(settings, dashboard=dashboard)
    from serve_app import deploy

    deploy.build = build  # type: ignore[assignment]
    return cluster


if __name__ == "__main__":
    ray_cluster.start_or_join = start  # type: ignore[assignment]
    with running_server(load_settings(), dashboard=False):
        wait_for_signal()
