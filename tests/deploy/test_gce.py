"""``ray up`` on Google Compute Engine: the file as Ray itself reads it, and what runs on the cluster."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

from tests.deploy.serve_config import settings_in

REPOSITORY = Path(__file__).resolve().parent.parent.parent
FILE = REPOSITORY / "ray-cluster.yaml"


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    prepared: dict[str, Any] = prepare_config(yaml.safe_load(FILE.read_text("utf-8")))
    return prepared


def node_types(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = config["available_node_types"]
    return found


def test_ray_takes_it(config: dict[str, Any]) -> None:
    validate_config(config)


def test_a_slip_would_be_noticed(config: dict[str, Any]) -> None:
    wrong = {**config, "idle_timeout": 2}
    with pytest.raises(Exception, match="idle_timeout"):
        validate_config(wrong)


def test_the_head_runs_no_work(config: dict[str, Any]) -> None:
    assert node_types(config)[config["head_node_type"]]["resources"] == {"CPU": 0}
    start = " ".join(config["head_start_ray_commands"])
    assert "--num-cpus=0" in start
    assert "RAY_REDIS_ADDRESS=" in start


def test_every_node_type_has_a_service_account_with_scopes(config: dict[str, Any]) -> None:
    for name, kind in node_types(config).items():
        (account,) = kind["node_config"]["serviceAccounts"]
        role = "head" if name == config["head_node_type"] else "worker"
        assert account["email"].startswith(f"gnosis-ocr-{role}@"), name
        assert account["scopes"], name


def test_gpu_nodes_come_from_zero_and_are_ended_for_maintenance(config: dict[str, Any]) -> None:
    with_gpu = {name: kind for name, kind in node_types(config).items() if kind["resources"].get("GPU")}
    assert with_gpu.keys() == {"gpu-l4", "gpu-l4-spot"}
    for kind in with_gpu.values():
        assert kind["min_workers"] == 0
        assert kind["node_config"]["scheduling"]["onHostMaintenance"] == "TERMINATE"
        assert "cpu_node" not in kind["resources"], "what is not for the GPU would keep the node"
    assert with_gpu["gpu-l4"]["max_workers"] > 0


def test_a_spot_machine_is_drained_within_googles_notice(config: dict[str, Any]) -> None:
    spot = node_types(config)["gpu-l4-spot"]["node_config"]
    assert spot["scheduling"]["provisioningModel"] == "SPOT"
    (script,) = [item["value"] for item in spot["metadata"]["items"] if item["key"] == "shutdown-script"]
    assert f"docker exec {config['docker']['container_name']} gnosis-ocr drain-node --within 25" in script


def test_the_application_has_settings_of_ours_and_the_nodes_for_them(config: dict[str, Any]) -> None:
    (target,) = config["file_mounts"]
    folder = REPOSITORY / config["file_mounts"][target]
    settings = settings_in(yaml.safe_load((folder / "serve.yaml").read_text("utf-8")))
    assert f"{target}/serve.yaml" in " ".join(config["head_start_ray_commands"])
    assert str(settings.api_keys_file) == f"{target}/keys.json"
    nodes = node_types(config)
    assert settings.ocr_gpus is not None
    assert settings.ocr_range.most * settings.ocr_gpus <= nodes["gpu-l4"]["max_workers"]
    assert (settings.ocr_cpus or 1) <= nodes["gpu-l4"]["resources"]["CPU"]
    room = nodes["cpu"]["max_workers"] * nodes["cpu"]["resources"]["CPU"]
    assert settings.render_range.most * (settings.render_cpus or 1) < room
    assert settings.cpu_nodes in nodes["cpu"]["resources"]


def test_the_documented_command_makes_a_second_cluster_of_the_file(config: dict[str, Any], tmp_path: Path) -> None:
    """One that shares neither its name, its image nor its place in Redis with the first."""
    document = (REPOSITORY / "docs" / "deploy-gce.md").read_text("utf-8")
    (command,) = re.findall(r"^(sed .*?> ray-cluster-2\.yaml)$", document, re.MULTILINE | re.DOTALL)
    shutil.copy(FILE, tmp_path)
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True)
    second = prepare_config(yaml.safe_load((tmp_path / "ray-cluster-2.yaml").read_text("utf-8")))
    validate_config(second)
    start = " ".join(second["head_start_ray_commands"])
    assert (config["cluster_name"], second["cluster_name"]) == ("gnosis-ocr", "gnosis-ocr-2")
    assert second["docker"]["image"] != config["docker"]["image"]
    assert "RAY_external_storage_namespace=gnosis-ocr-2 " in start
    assert second["file_mounts"] == config["file_mounts"]


def test_keys_are_kept_out_of_the_repository() -> None:
    assert "/deploy/gce/settings/keys.json" in (REPOSITORY / ".gitignore").read_text("utf-8").splitlines()
