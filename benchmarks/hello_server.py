"""Serve's hello world beside the product: in the same cluster, behind the same proxy, with the Ingress's options.

It is what requests a second are compared with: nothing that runs in Serve's replicas can answer faster.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cluster.settings import load_settings
from serve_app.server import running_server, wait_for_signal

PATH = "/hello"


class Hello:
    def __serve_build_asgi_app__(self) -> Any:
        async def hello(request: Request) -> Response:
            return PlainTextResponse("Hello, world!")

        return Starlette(routes=[Route("/{path:path}", hello)])


def start() -> None:
    """Within a running server. Returns once it answers."""
    from ray import serve

    from serve_app.deploy import HEALTH, INGRESS_CALLS, LOGGING, SHARES

    deployment = serve.deployment(
        serve.ingress()(Hello),
        name="Hello",
        max_ongoing_requests=INGRESS_CALLS,
        ray_actor_options={"num_cpus": SHARES["ingress"]},
        logging_config=LOGGING,
        **HEALTH,
    )
    serve.run(deployment.bind(), name="hello", route_prefix=PATH)


if __name__ == "__main__":
    with running_server(load_settings(), dashboard=False):
        start()
        wait_for_signal()
