"""The composition root: settings become the Serve application."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import ray
from ray import serve
from ray.serve.handle import DeploymentHandle

from actors.ocr.engines import engine_spec
from cluster.ids import new_job_id
from cluster.settings import ReplicaRange, Settings, load_settings
from serve_app.engine_settings import engine_names, pool_shape
from serve_app.placement import on_cpu_nodes
from serve_app.ray_ingress import IngressReplica
from serve_app.ray_ocr_replica import OcrReplica
from serve_app.ray_pools import APP, RENDERER, ocr_deployment
from serve_app.ray_render_replica import RendererReplica
from serve_app.replica_scaling import ScalingTerms

RENDER_CALLS = 128
"""Calls that one Renderer takes at once, to render and to arrange: while pages wait for the one, there is room for the
other. A call that finds every replica full is tried again by Serve's router after up to half a second, in which a quick
replica stands idle; one that waits in the replica is taken up at once."""

INGRESS_CALLS = 4096
SHARES = {"ingress": 0.1, "renderer": 0.2, "ocr": 0.4}
"""Logical CPUs where no setting says otherwise: fractions, so that everything starts on one core; the engine's threads
come from the real cores."""

LOGGING = {"enable_access_log": False, "log_level": "WARNING"}
"""A line for every call between replicas would cost as much as a small call; requests are in the proxy's log. Without
the access log Serve makes each line all the same, and drops it, unless its level is below this one."""

RENDER_PAGES = 16
"""Pages that a Renderer may have before it until there is one more: about a second's work."""

LAST_CALLS_S = 60
"""How long a replica that is scaled down, or replaced, has to finish the calls that it has. One that asks a model has
at least as long as that may write on a page."""

HEALTH = {"health_check_period_s": 0.5, "health_check_timeout_s": 30, "graceful_shutdown_wait_loop_s": 0.5}
"""A dead replica is missed at its next check and the round of the controller after that: within a second."""


def build(settings: Settings | None = None) -> Any:
    """The application of one deployment, under a fresh version."""
    settings = settings or load_settings()
    version = new_job_id().replace("-", "")
    renderer = serve.deployment(
        RendererReplica,
        name=RENDERER,
        max_ongoing_requests=RENDER_CALLS,
        ray_actor_options={
            "num_cpus": settings.render_cpus or SHARES["renderer"],
            "resources": on_cpu_nodes(settings),
        },
        graceful_shutdown_timeout_s=LAST_CALLS_S,
        logging_config=LOGGING,
        **_scaling(settings, "", settings.render_range, RENDER_PAGES),
        **HEALTH,
    ).bind(settings)
    pools = [_ocr_pool(settings, engine) for engine in engine_names(settings)]
    ingress = serve.deployment(
        serve.ingress()(IngressReplica),
        name="Ingress",
        num_replicas=settings.ingress_replicas,
        max_ongoing_requests=INGRESS_CALLS,
        ray_actor_options={"num_cpus": SHARES["ingress"], "resources": on_cpu_nodes(settings)},
        graceful_shutdown_timeout_s=20,
        logging_config=LOGGING,
        **HEALTH,
    )
    return ingress.bind(settings, version, renderer, *pools)


def _ocr_pool(settings: Settings, engine: str) -> Any:
    shape = pool_shape(engine, settings)
    gpus = ocr_gpus(settings, engine_spec(engine).gpu)
    return serve.deployment(
        OcrReplica,
        name=ocr_deployment(engine),
        max_ongoing_requests=shape.calls,
        ray_actor_options={"num_cpus": settings.ocr_cpus or SHARES["ocr"], "num_gpus": gpus},
        graceful_shutdown_timeout_s=max(LAST_CALLS_S, settings.page_seconds if ":" in engine else 0),
        logging_config=LOGGING,
        **_scaling(settings, engine, shape.replicas, settings.scale_pages or shape.target),
        **HEALTH,
    ).bind(settings, engine)


def ocr_gpus(settings: Settings, wanted: bool) -> float:
    """GPUs of each replica. Without a setting one where the engine is for GPUs and the cluster has any now."""
    if settings.ocr_gpus is not None:
        return settings.ocr_gpus
    return 1.0 if wanted and ray.cluster_resources().get("GPU", 0) else 0.0


def _scaling(settings: Settings, engine: str, replicas: ReplicaRange, pages: float) -> dict[str, Any]:
    """engine: "" for the Renderers. pages: that a replica may have before it until there is one more."""
    if replicas.least == replicas.most:
        return {"num_replicas": replicas.most}
    terms = ScalingTerms(*replicas, pages, settings.scale_up_seconds, settings.scale_down_seconds)
    return {
        "autoscaling_config": {
            "min_replicas": replicas.least,
            "max_replicas": replicas.most,
            "policy": {
                "policy_function": "serve_app.ray_scaling:PagesWaiting",
                "policy_kwargs": {"engine": engine, "terms": asdict(terms)},
            },
            "upscale_delay_s": 0,
            "downscale_delay_s": 0,
            # The fewest calls of the last half minute: while hosts have had none for a moment, Serve leaves a pool
            # without replicas to the policy. Else it starts one by itself, and asks for no other until that is up.
            "aggregation_function": "min",
        }
    }


def start(settings: Settings, host: str) -> DeploymentHandle:
    """Deploys on the cluster that this process is connected to; returns once everything is up.

    host: where Serve's own servers listen (front_door.py).
    """
    serve.start(
        proxy_location="HeadOnly",
        http_options={"host": host, "port": settings.port, "keep_alive_timeout_s": 75},
    )
    return serve.run(build(settings), name=APP, route_prefix="/")


def what_failed() -> str:
    """Why deployments are not up, a line each: the last one of what Serve tells of them, which is the error itself."""
    application = serve.status().applications.get(APP)
    stories = {
        name: deployment.message.strip().splitlines()[-1].strip()
        for name, deployment in (application.deployments if application else {}).items()
        if deployment.message.strip() and deployment.status != "HEALTHY"
    }
    return "\n".join(f"{name}: {story}" for name, story in stories.items())


def stop(*, local: bool) -> None:
    """Ends the application, and on a cluster of our own Serve with it. Hosts are drained before (ray_hosts.py)."""
    if local:
        serve.shutdown()
    else:
        serve.delete(APP)
