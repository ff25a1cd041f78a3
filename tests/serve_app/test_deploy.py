from __future__ import annotations

from typing import Any

from ray.serve import Application

from cluster.settings import load_settings
from serve_app.deploy import SHARES, build


def options(**settings: Any) -> dict[str, dict[str, Any]]:
    """What each deployment asks of Ray for each of its replicas, by the deployment's name."""
    ingress = build(load_settings(ocr_gpus=0, **settings))._bound_deployment
    pools = [one._bound_deployment for one in ingress.init_args if isinstance(one, Application)]
    return {deployment.name: deployment.ray_actor_options for deployment in (ingress, *pools)}


def test_on_one_machine_everything_starts_on_one_core_and_anywhere() -> None:
    asked = options(engines="null")
    assert {name: (one["num_cpus"], one.get("resources") or {}) for name, one in asked.items()} == {
        "Ingress": (SHARES["ingress"], {}),
        "Renderer": (SHARES["renderer"], {}),
        "OCRActor-null": (SHARES["ocr"], {}),
    }


def test_on_a_cluster_replicas_ask_for_the_cores_they_take_and_keep_off_gpu_nodes() -> None:
    asked = options(engines="null,rapidocr", cpu_nodes="cpu_node", render_cpus=2, ocr_cpus=4)
    assert (asked["Renderer"]["num_cpus"], asked["OCRActor-rapidocr"]["num_cpus"]) == (2, 4)
    bound = {name for name, one in asked.items() if "cpu_node" in (one.get("resources") or {})}
    assert bound == {"Ingress", "Renderer"}
