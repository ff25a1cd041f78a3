"""deploy/kubernetes: every overlay as it would be applied, held strictly against the schemas of what it talks to."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from cluster.ray_cluster import ENVIRONMENT
from cluster.settings import Settings
from serve_app.ray_hosts import DRAIN_CALL_S
from tests.deploy.image_environment import image_environment
from tests.deploy.kustomize import Manifest, built, containers
from tests.deploy.serve_config import settings_in

FOLDER = Path(__file__).resolve().parent.parent.parent / "deploy" / "kubernetes"
OVERLAYS = ("cpu", "gpu-l4", "gpu-h100")
CUSTOM = {"RayService", "BackendConfig"}
KUBERNETES = "1.33"
NOT_SETTINGS = {"GNOSIS_LOG_LEVEL", "GNOSIS_AUDIT_LOG"}
SHUTDOWN_S = 20


@pytest.fixture(params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    return built(FOLDER / "overlays" / request.param)


@pytest.fixture
def service(manifests: list[Manifest]) -> Manifest:
    (found,) = [one for one in manifests if one["kind"] == "RayService"]
    return found


@pytest.fixture
def cluster(service: Manifest) -> Manifest:
    found: Manifest = service["spec"]["rayClusterConfig"]
    return found


@pytest.fixture
def settings(service: Manifest) -> Settings:
    return settings_in(yaml.safe_load(service["spec"]["serveConfigV2"]))


def pod_templates(cluster: Manifest) -> list[Manifest]:
    return [group["template"] for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]


# ---------------------------------------------------------------- schemas


def test_the_ray_service_is_one_of_kuberays(service: Manifest, ray_service_schema: jsonschema.Draft7Validator) -> None:
    ray_service_schema.validate(service)


@pytest.mark.parametrize(
    "where",
    [
        ("enableInTreeAutoscalling",),
        ("gcsFaultToleranceOptions", "redis"),
        ("workerGroupSpecs", 1, "minReplica"),
        ("workerGroupSpecs", 1, "template", "spec", "terminationGracePeriod"),
        ("headGroupSpec", "template", "spec", "containers", 0, "livenesProbe"),
    ],
)
def test_a_slip_in_a_ray_service_would_be_noticed(
    where: tuple[str | int, ...], ray_service_schema: jsonschema.Draft7Validator
) -> None:
    (service,) = [one for one in built(FOLDER / "overlays" / "gpu-l4") if one["kind"] == "RayService"]
    part: Any = service["spec"]["rayClusterConfig"]
    for name in where[:-1]:
        part = part[name]
    part[where[-1]] = 1
    with pytest.raises(jsonschema.ValidationError, match=str(where[-1])):
        ray_service_schema.validate(service)


def test_everything_else_is_as_kubernetes_has_it(manifests: list[Manifest]) -> None:
    plain = [one for one in manifests if one["kind"] not in CUSTOM]
    assert {one["kind"] for one in plain} == {
        *("ServiceAccount", "Service", "StatefulSet", "PodDisruptionBudget", "NetworkPolicy", "Ingress"),
    }
    for manifest in plain:
        kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_pods_of_ray_are_as_kubernetes_has_them(cluster: Manifest) -> None:
    for template in pod_templates(cluster):
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", **template["metadata"]}}
        kubernetes_validate.validate({**pod, "spec": template["spec"]}, KUBERNETES, strict=True)


def test_all_is_in_one_namespace(manifests: list[Manifest]) -> None:
    assert {one["metadata"]["namespace"] for one in manifests} == {"gnosis-ocr"}


# ---------------------------------------------------------------- what runs


def test_the_application_has_settings_of_ours(settings: Settings, cluster: Manifest) -> None:
    assert settings.store == "gs://BUCKET/production"
    mounts = [mount for template in pod_templates(cluster) for mount in containers_of(template)[0]["volumeMounts"]]
    assert settings.api_keys_file is not None
    keys = [mount for mount in mounts if mount["mountPath"] == str(settings.api_keys_file.parent)]
    assert len(keys) == len(pod_templates(cluster)), "the application may be built on any node"


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("    applications:", "application"),
        ("      port: 8000", "portt"),
        ("        route_prefix: /", "runtimeenv"),
        ("          ocr_gpus: 1", "ocr_gpu"),
    ],
)
def test_a_slip_in_a_serve_config_would_be_noticed(where: str, name: str) -> None:
    (service,) = [one for one in built(FOLDER / "overlays" / "gpu-l4") if one["kind"] == "RayService"]
    text = "\n".join(f"    {line}" for line in service["spec"]["serveConfigV2"].splitlines())
    assert f"{where}\n" in f"{text}\n"
    indent = where[: len(where) - len(where.lstrip())]
    wrong = f"{text}\n".replace(f"{where}\n", f"{indent}{name}: 1\n{where}\n", 1)
    with pytest.raises(Exception, match=name):
        settings_in(yaml.safe_load(wrong))


def test_environments_name_nothing_that_nobody_reads(cluster: Manifest) -> None:
    known = {f"GNOSIS_{name.upper()}" for name in Settings.model_fields} | NOT_SETTINGS
    known |= image_environment().keys() | ENVIRONMENT.keys()
    for template in pod_templates(cluster):
        for container in containers_of(template):
            assert {variable["name"] for variable in container["env"]} <= known


def test_secrets_come_by_reference(manifests: list[Manifest]) -> None:
    text = yaml.safe_dump_all(one for one in manifests)
    assert not [one for one in manifests if one["kind"] == "Secret"]
    for secret in ("gnosis-ocr-redis", "gnosis-ocr-api-keys", "gnosis-ocr-settings", "gnosis-ocr-tls"):
        assert secret in text


# ---------------------------------------------------------------- the shape of the cluster


def test_ray_is_the_version_that_the_image_has(cluster: Manifest) -> None:
    assert cluster["rayVersion"] == version("ray")


def test_the_head_runs_no_work_and_outlives_itself(cluster: Manifest) -> None:
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"
    options = cluster["gcsFaultToleranceOptions"]
    assert options["redisAddress"] == "gnosis-ocr-redis:6379"
    assert options["redisPassword"]["valueFrom"]["secretKeyRef"]["name"] == "gnosis-ocr-redis"
    assert cluster["enableInTreeAutoscaling"] is True
    assert cluster["autoscalerOptions"]["version"] == "v2"


def test_gpu_nodes_come_from_zero_and_hold_nothing_else(request: pytest.FixtureRequest, cluster: Manifest) -> None:
    gpu = [group for group in cluster["workerGroupSpecs"] if "GPU" in group["resources"]]
    overlay = request.node.callspec.params["manifests"]
    assert [group["groupName"] for group in gpu] == ([] if overlay == "cpu" else [overlay])
    for group in gpu:
        assert (group["minReplicas"], group["replicas"]) == (0, 0)
        assert "cpu_node" not in group["resources"]
        limits = containers_of(group["template"])[0]["resources"]["limits"]
        assert limits["nvidia.com/gpu"] == group["resources"]["GPU"]


def test_what_the_settings_ask_for_has_room(cluster: Manifest, settings: Settings) -> None:
    cpu, *others = cluster["workerGroupSpecs"]
    assert settings.cpu_nodes in cpu["resources"]
    assert settings.ocr_gpus is not None
    assert settings.ocr_cpus is not None
    assert settings.render_cpus is not None
    room = cpu["maxReplicas"] * int(cpu["resources"]["CPU"])
    work = settings.render_range.most * settings.render_cpus
    if not others:
        work += settings.ocr_range.most * settings.ocr_cpus
    assert work < room, "some is left for Ingress and hosts"
    for gpu in others:
        a_node = int(float(gpu["resources"]["GPU"]) / settings.ocr_gpus)
        assert a_node * settings.ocr_cpus <= int(gpu["resources"]["CPU"])
        assert settings.ocr_range.most <= a_node * gpu["maxReplicas"]
        assert settings.ocr_range.least == 0


def test_ray_counts_the_cpus_that_a_container_gets(cluster: Manifest) -> None:
    for group in cluster["workerGroupSpecs"]:
        assert containers_of(group["template"])[0]["resources"]["requests"]["cpu"] == group["resources"]["CPU"]


def test_a_pod_has_time_to_drain(cluster: Manifest) -> None:
    for template in pod_templates(cluster):
        (container,) = containers_of(template)
        command = container["lifecycle"]["preStop"]["exec"]["command"]
        assert command[:-1] == ["gnosis-ocr", "drain-node", "--within"]
        assert template["spec"]["terminationGracePeriodSeconds"] > float(command[-1]) + SHUTDOWN_S
        assert float(command[-1]) > max(SHUTDOWN_S, DRAIN_CALL_S), (
            "replicas finish what they have, hosts save what they did"
        )


def test_probes_ask_what_there_is(cluster: Manifest) -> None:
    known = {("/api/gcs_healthz", 8265), ("/api/local_raylet_healthz", 52365), ("/-/healthz", 8000)}
    for template in pod_templates(cluster):
        for container in containers_of(template):
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                get = container[probe]["httpGet"]
                assert (get["path"], get["port"]) in known


# ---------------------------------------------------------------- security


def test_no_container_may_do_more_than_it_must(manifests: list[Manifest], cluster: Manifest) -> None:
    for manifest in manifests:
        for container in containers(manifest):
            allowed = container["securityContext"]
            assert allowed["allowPrivilegeEscalation"] is False
            assert allowed["capabilities"] == {"drop": ["ALL"]}
    for template in pod_templates(cluster):
        assert template["spec"]["securityContext"]["runAsNonRoot"] is True
        assert template["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for group in cluster["workerGroupSpecs"]:
        assert group["template"]["spec"]["automountServiceAccountToken"] is False


def test_images_are_pinned_and_ours_is_where_it_was_pushed(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        for container in containers(manifest):
            name, _, tag = container["image"].partition(":")
            assert tag
            assert tag != "latest"
            assert name == "redis" or name.endswith("-docker.pkg.dev/PROJECT/gnosis-ocr/gnosis-ocr")


def test_accounts_are_those_that_reach_the_bucket(manifests: list[Manifest], cluster: Manifest) -> None:
    accounts = {one["metadata"]["name"]: one for one in manifests if one["kind"] == "ServiceAccount"}
    for account in accounts.values():
        assert account["metadata"]["annotations"]["iam.gke.io/gcp-service-account"]
    head, *workers = (template["spec"]["serviceAccountName"] for template in pod_templates(cluster))
    assert head == "gnosis-ocr-head"
    assert set(workers) == {"gnosis-ocr-worker"}
    assert accounts.keys() == {head, *workers}


def test_selectors_find_the_pods_that_they_mean(manifests: list[Manifest], cluster: Manifest) -> None:
    labels = {template["metadata"]["labels"]["app.kubernetes.io/component"] for template in pod_templates(cluster)}
    assert {"head", "cpu"} <= labels
    for template in pod_templates(cluster):
        assert template["metadata"]["labels"]["app.kubernetes.io/name"] == "gnosis-ocr"
    (budget,) = [one for one in manifests if one["kind"] == "PodDisruptionBudget"]
    assert budget["spec"]["selector"]["matchLabels"]["app.kubernetes.io/component"] == "cpu"
    assert budget["spec"]["minAvailable"] < cluster["workerGroupSpecs"][0]["minReplicas"]


def test_only_the_api_is_open_to_everybody(manifests: list[Manifest]) -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in manifests if one["kind"] == "NetworkPolicy"}
    for policy in policies.values():
        assert policy["policyTypes"] == ["Ingress"]
        assert policy["podSelector"]["matchLabels"]
    to_all = [rule for policy in policies.values() for rule in policy["ingress"] if "from" not in rule]
    assert [[port["port"] for port in rule["ports"]] for rule in to_all] == [[8000]]


def test_the_ingress_leads_to_kuberays_service(manifests: list[Manifest], service: Manifest) -> None:
    (ingress,) = [one for one in manifests if one["kind"] == "Ingress"]
    assert ingress["spec"]["tls"][0]["secretName"]
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    serve = service["spec"]["serveService"]
    assert backend["name"] == serve["metadata"]["name"]
    assert backend["port"]["name"] in {port["name"] for port in serve["spec"]["ports"]}
    (config,) = [one for one in manifests if one["kind"] == "BackendConfig"]
    assert config["metadata"]["name"] in serve["metadata"]["annotations"]["cloud.google.com/backend-config"]


def containers_of(template: Manifest) -> list[dict[str, Any]]:
    return list(containers(template["spec"]))
